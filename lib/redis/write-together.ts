import type { Duplex } from 'node:stream'

/** Bytes of commands that are enough for one write: the server works on them while the next ones are made. */
const ENOUGH = 8_192

/**
 * Commands that are sent within one turn of the event loop go out in few writes: a system call for each takes client and server
 * longer than the command does. Nothing waits for more to come: the last write follows the promises that are settled by then.
 * Nor is all of it held until then, or client and server would wait for each other in turn.
 */
export const writeTogether = (stream: Duplex): void => {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  let isCorked = false
  const uncork = (): void => {
    if (!isCorked) return
    isCorked = false
    stream.uncork()
  }
  stream.write = (...args: unknown[]): boolean => {
    if (!isCorked) {
      isCorked = true
      stream.cork()
      process.nextTick(uncork)
    }
    const goesOn = write(...args)
    if (stream.writableLength >= ENOUGH) uncork()
    return goesOn
  }
}
