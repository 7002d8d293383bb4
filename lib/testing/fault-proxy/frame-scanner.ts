const LINE_FEED = 10
const PUSH = '>'.charCodeAt(0)
/** A header is a type and a number; what a long simple string says beyond that does not matter here. */
const HEADER_LENGTH = 64

/** A part of one frame: a whole one, or as much of it as a chunk had. */
export interface FramePiece {
  readonly bytes: Buffer
  /** Whether the frame starts with it, and whether it ends with it. */
  readonly starts: boolean
  readonly ends: boolean
  /** A message that answers no command, as RESP3 has them. */
  readonly push: boolean
}

/**
 * Finds where the frames of RESP2 and RESP3 begin and end in a stream that comes in chunks of any size. It keeps no bytes,
 * only how many are to come. Bytes that are no RESP are handed on as they are, each chunk as one frame.
 */
export class FrameScanner {
  readonly #inline: boolean
  #header = ''
  /** Bytes of a bulk string that are still to come. */
  #skip = 0
  /** Elements that the frame still lacks; a frame that has not begun lacks none. */
  #missing = 0
  #push = false
  #opaque = false

  /** @param inline whether a line without a type is a frame, as a command in its inline form is */
  constructor(inline = false) {
    this.#inline = inline
  }

  /** Whether the stream turned out to be no RESP. */
  get opaque(): boolean {
    return this.#opaque
  }

  *read(chunk: Buffer): Generator<FramePiece> {
    let from = 0
    let at = 0
    let starts = this.#missing === 0
    while (at < chunk.length && !this.#opaque) {
      if (this.#missing === 0) this.#begin(chunk[at] === PUSH)
      at = this.#skip > 0 ? this.#skipBulk(chunk, at) : this.#readHeader(chunk, at)
      if (this.#missing > 0) continue
      yield { bytes: chunk.subarray(from, at), starts, ends: true, push: this.#push }
      from = at
      starts = true
    }
    if (from < chunk.length)
      yield { bytes: chunk.subarray(from), starts: starts || this.#opaque, ends: this.#opaque, push: this.#push }
  }

  #begin(push: boolean): void {
    this.#missing = 1
    this.#push = push
  }

  #skipBulk(chunk: Buffer, at: number): number {
    const skipped = Math.min(this.#skip, chunk.length - at)
    this.#skip -= skipped
    if (this.#skip === 0) this.#missing -= 1
    return at + skipped
  }

  #readHeader(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(LINE_FEED, at)
    const stop = end === -1 ? chunk.length : end
    this.#header += chunk.toString('latin1', at, Math.min(stop, at + HEADER_LENGTH))
    if (end === -1) return chunk.length
    const header = this.#header
    this.#header = ''
    this.#count(header.charAt(0), Number(header.slice(1)))
    return end + 1
  }

  #count(type: string, length: number): void {
    switch (type) {
      case '+':
      case '-':
      case ':':
      case '_':
      case ',':
      case '#':
      case '(':
        this.#missing -= 1
        return
      case '$':
      case '=':
      case '!':
        if (length >= 0) this.#skip = length + '\r\n'.length
        else this.#missing -= 1
        break
      case '*':
      case '~':
      case '>':
        this.#missing += Math.max(length, 0) - 1
        break
      case '%':
        this.#missing += 2 * length - 1
        break
      // An attribute stands before the element that it belongs to, and is none itself.
      case '|':
        this.#missing += 2 * length
        break
      default:
        if (this.#inline && /[A-Za-z\r]/.test(type)) this.#missing -= 1
        else this.#opaque = true
        return
    }
    if (!Number.isInteger(length)) this.#opaque = true
  }
}
