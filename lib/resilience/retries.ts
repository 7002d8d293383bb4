import { BrokenCircuitError, DelegateBackoff, handleType, retry, type RetryPolicy } from 'cockatiel'
import type { MemoryError } from '../errors/memory.error.js'
import type { Deadline } from '../redis/deadline.js'
import { NotAgain } from './not-again.js'
import { RetryBudget } from './retry-budget.js'

export interface RetryOptions {
  /** After the first attempt. */
  readonly attempts: number
  readonly minDelay: number
  readonly maxDelay: number
  readonly budget: number
}

/** An attempt that failed, and the time its call has. */
class Failure {
  constructor(
    readonly error: MemoryError,
    readonly deadline: Deadline,
  ) {}
}

/** Whether the same attempt may succeed in a moment. */
const passes = ({ retryable, code, cause }: MemoryError): boolean =>
  retryable && code === 'UNAVAILABLE' && !(cause instanceof NotAgain || cause instanceof BrokenCircuitError)

/**
 * Repeats what failed for a reason that passes, after a delay that doubles up to a cap, with full jitter: any time between
 * nothing and the delay, so that the callers of an outage do not return in step.
 */
export class Retries {
  private readonly budget: RetryBudget
  private readonly policy: RetryPolicy

  constructor({ attempts, minDelay, maxDelay, budget }: RetryOptions) {
    this.budget = new RetryBudget(budget)
    const repeats = ({ error, deadline }: Failure): boolean =>
      passes(error) && deadline.remaining > minDelay && this.budget.take()
    const delay = (attempt: number, deadline: Deadline): number =>
      Math.random() * Math.min(maxDelay, minDelay * 2 ** (attempt - 1), deadline.remaining)
    this.policy = retry(handleType(Failure, repeats), {
      maxAttempts: attempts,
      backoff: new DelegateBackoff(({ attempt, result }) => {
        const failure: unknown = 'error' in result ? result.error : undefined
        return failure instanceof Failure ? delay(attempt, failure.deadline) : 0
      }),
    })
  }

  /** @param attempt rejects with MemoryErrors */
  run<T>(deadline: Deadline, attempt: () => Promise<T>): Promise<T> {
    this.budget.earn()
    return attempt().catch((error: MemoryError) => this.repeat(new Failure(error, deadline), attempt))
  }

  /** The policy is asked only once there is something to repeat: most calls need it not. */
  private async repeat<T>(first: Failure, attempt: () => Promise<T>): Promise<T> {
    let attempts = 0
    try {
      return await this.policy.execute(async () => {
        if (attempts++ === 0) throw first
        return attempt().catch((error: MemoryError) => {
          throw new Failure(error, first.deadline)
        })
      })
    } catch (error) {
      throw error instanceof Failure ? error.error : error
    }
  }
}
