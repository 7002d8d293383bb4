import { targetNamed } from '../targets.mjs'
import { WrongAnswer } from './wrong-answer.mjs'

/** Whether it is time that something failed for: of a target, a request, or a command that was ended. */
const isLate = (error) =>
  error.isLate === true || error.killed === true || [error.name, error.cause?.name].includes('TimeoutError')

/** What is kept of an error that a row ended with. */
export const failureOf = (error) => ({
  reason: error.short ?? error.message.split('\n')[0],
  isWrong: error.isWrong === true || error instanceof WrongAnswer,
  isLate: isLate(error),
})

/**
 * What fails the run: something that is not true, or what should run and does not. Never that something took long, and not that a peer
 * cannot be had.
 */
export const failsRun = ({ target, failed }) =>
  failed !== undefined && (failed.isWrong || (targetNamed(target)?.kind !== 'peer' && !failed.isLate))

/** What became of a row that ended with an error. */
export const wordOf = (row) => {
  if (row.failed.isWrong) return 'WRONG'
  return failsRun(row) ? 'FAILED' : 'left out'
}

export const saidOf = (row) => `${wordOf(row)}: ${row.name}: ${row.failed.reason}`
