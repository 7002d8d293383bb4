import { saidOf } from './failure.mjs'

/** One line that is written over on a terminal; a line for each part elsewhere. */
export const openProgress = (stream = process.stderr) => {
  const began = performance.now()
  let label = ''
  let done = 0
  let all = 0
  const seconds = () => `${Math.round((performance.now() - began) / 1_000)} s`
  const clear = () => stream.isTTY && stream.write('\r\u001B[K')
  return {
    begin(text, count) {
      ;[label, done, all] = [text, 0, count]
      if (!stream.isTTY) stream.write(`${seconds().padStart(6)}  ${label}\n`)
    },
    step(row) {
      done += 1
      if (!stream.isTTY) return
      clear()
      stream.write(`${seconds().padStart(6)}  ${label}  ${done}/${all}  ${row.name}`)
    },
    failed(row, failed) {
      clear()
      stream.write(`${saidOf({ ...row, failed })}\n`)
    },
    say(text) {
      clear()
      stream.write(`${text}\n`)
    },
    end: clear,
  }
}
