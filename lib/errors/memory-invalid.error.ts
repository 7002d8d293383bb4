import { MemoryError, type MemoryErrorDetails } from './memory.error.js'
import { formatProblem, type Problem } from './problem.js'

/**
 * An argument of a call is not what the call takes; `path` names it. Nothing was written.
 *
 * @publicApi
 */
export class MemoryInvalidError extends MemoryError {
  constructor(problem: Problem, details?: Omit<MemoryErrorDetails, 'path'>) {
    super(
      formatProblem(problem),
      { code: 'ARGUMENT_INVALID', retryable: false, executed: 'no' },
      { ...details, path: problem.path },
    )
  }
}
