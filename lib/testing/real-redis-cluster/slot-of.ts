/** CRC-16/XMODEM, by which Redis Cluster shares keys out. */
const crc16 = (bytes: Uint8Array): number => {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x80_00) === 0 ? crc << 1 : (crc << 1) ^ 0x10_21
  }
  return crc & 0xff_ff
}

export const SLOTS = 16_384

/** The slot of a key: of what stands between its first braces, if anything does. */
export const slotOf = (key: string): number => {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1]
  return crc16(new TextEncoder().encode(tag ?? key)) % SLOTS
}

/** Whether a slot is one of those. */
export const covers = (ranges: readonly (readonly [from: number, to: number])[], slot: number): boolean =>
  ranges.some(([from, to]) => from <= slot && slot <= to)

/** What in braces stands in keys of these slots. */
export const tagWithin = (ranges: readonly (readonly [from: number, to: number])[]): string => {
  for (let number = 0; number < SLOTS; number += 1) if (covers(ranges, slotOf(`${number}`))) return `{${number}}`
  throw new RangeError('there is no slot that keys could belong to')
}
