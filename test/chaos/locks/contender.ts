import { LineProcess } from '../../support/line-process.js'
import type {
  LockContenderCommand,
  LockContenderInput,
  LockContenderLine,
} from '../../support/workers/lock-contender.js'

export type Contender = LineProcess<LockContenderLine, LockContenderCommand>

/**
 * Starts a process that contends for the lock.
 *
 * @param pauseFor how long it stays stopped when it has stopped itself, in ms
 */
export const startContender = (input: LockContenderInput, pauseFor: () => number): Contender => {
  const contender: Contender = new LineProcess('lock-contender', input)
  contender.onLine((line) => {
    if ('stopping' in line) setTimeout(() => contender.resume(), pauseFor())
  })
  return contender
}
