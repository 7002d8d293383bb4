import { MemoryError, type Executed, type MemoryErrorDetails } from './memory.error.js'
import { formatProblem, type Problem } from './problem.js'

/**
 * The module's options, or the server they point to, cannot work. All problems found are in one error.
 *
 * @publicApi
 */
export class MemoryConfigError extends MemoryError {
  readonly problems: readonly Problem[]

  constructor(
    problems: Problem | readonly Problem[],
    details?: Omit<MemoryErrorDetails, 'path'>,
    executed: Executed = 'no',
  ) {
    const all = 'path' in problems ? [problems] : problems
    super(
      `nestjs-agent-memory cannot be used as configured:\n${all.map((problem) => `  - ${formatProblem(problem)}`).join('\n')}`,
      { code: 'CONFIG_INVALID', retryable: false, executed },
      all[0] === undefined ? details : { ...details, path: all[0].path },
    )
    this.problems = all
  }
}
