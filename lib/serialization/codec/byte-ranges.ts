interface ByteRange {
  readonly buffer: ArrayBufferLike
  readonly start: number
  readonly end: number
}

/** Stretches of memory that are in a value. */
export class ByteRanges {
  private ranges: ByteRange[] | undefined

  /** Whether none of the bytes was there before. Parts of one buffer beside each other are two things. */
  add(buffer: ArrayBufferLike, start: number, end: number): boolean {
    this.ranges ??= []
    if (this.ranges.some((range) => range.buffer === buffer && range.start < end && start < range.end)) return false
    this.ranges.push({ buffer, start, end })
    return true
  }
}
