/** Revives an item of the value at hand, one level deeper. @throws DecodeError */
export type ReviveItem = (item: unknown) => unknown
