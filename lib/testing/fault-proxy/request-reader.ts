import { FrameScanner } from './frame-scanner.js'
import { Request } from './request.js'

/** What may be forwarded of a chunk of requests. */
export interface RequestPiece {
  readonly bytes: Buffer
  /** The command that is complete with it; absent also in a stream that is no RESP. */
  readonly request?: Request
  /** Whether nothing of the request was forwarded before, so that it can still be kept from the server. */
  readonly whole: boolean
}

/** Finds the commands in what a client sends. */
export class RequestReader {
  readonly #scanner = new FrameScanner(true)
  /** What there is of a request that is not complete. */
  #parts: Buffer[] = []
  #hold = false

  #takeFrame(): Buffer {
    const parts = this.#parts
    this.#parts = []
    const [only] = parts
    return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts)
  }

  /** @param hold whether a request that begins now is to be kept back until it is complete */
  *read(chunk: Buffer, hold: () => boolean): Generator<RequestPiece> {
    for (const { bytes, starts, ends } of this.#scanner.read(chunk)) {
      if (this.#scanner.opaque) {
        yield { bytes: this.#hold ? Buffer.concat([...this.#parts, bytes]) : bytes, whole: false }
        this.#hold = false
        continue
      }
      if (starts) this.#hold = hold()
      this.#parts.push(bytes)
      if (ends) {
        const frame = this.#takeFrame()
        yield { bytes: this.#hold ? frame : bytes, request: new Request(frame), whole: this.#hold }
      } else if (!this.#hold) yield { bytes, whole: false }
    }
  }
}
