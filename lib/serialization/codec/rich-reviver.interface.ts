/** What the revivers of rich values revive their parts with. */
export interface RichReviver {
  /** Takes a new container before its parts are revived, since they may refer to it. @throws DecodeError */
  meet<Container extends object>(container: Container): Container
  /** @throws DecodeError */
  part(value: unknown): unknown
  /** Counts the length of an array with holes against the limit. @throws DecodeError */
  claim(sparseLength: number): void
}
