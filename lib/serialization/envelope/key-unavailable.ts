/** A key that is needed could not be had. Nothing was read or written; the next call asks again. */
export class KeyUnavailable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = new.target.name
  }
}
