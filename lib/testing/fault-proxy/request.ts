const ARRAY = '*'.charCodeAt(0)
const LINE_FEED = 10

function* argumentsOf(frame: Buffer): Generator<string> {
  if (frame[0] !== ARRAY) {
    const words = frame.toString('utf8').trim().split(/\s+/)
    yield* words.filter((word) => word !== '')
    return
  }
  let at = frame.indexOf(LINE_FEED) + 1
  while (at < frame.length) {
    const start = frame.indexOf(LINE_FEED, at) + 1
    const end = start + Number(frame.toString('latin1', at + 1, start))
    yield frame.toString('utf8', start, end)
    at = end + '\r\n'.length
  }
}

/** One command as a client sent it. */
export class Request {
  readonly #frame: Buffer

  /** @param frame an array of bulk strings, or a line */
  constructor(frame: Buffer) {
    this.#frame = frame
  }

  /** In capitals; `''` for an empty line, which is not answered. */
  get name(): string {
    const [name = ''] = argumentsOf(this.#frame)
    return name.toUpperCase()
  }

  /** What stands behind the name, as text. */
  get args(): readonly string[] {
    return [...argumentsOf(this.#frame)].slice(1)
  }
}
