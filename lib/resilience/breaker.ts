import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleType,
  type CircuitBreakerPolicy,
} from 'cockatiel'
import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import { MemoryError } from '../errors/memory.error.js'
import { AgainInOrderError } from '../redis/again-in-order.error.js'
import { classifyError, type CallDetails } from '../redis/classify-error.js'
import { DeadlineExceeded, type Deadline } from '../redis/deadline.js'
import { wasAnswered } from './was-answered.js'

export interface BreakerOptions {
  /** In a row, that open it. */
  readonly failures: number
  /** In ms. */
  readonly openFor: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
}

/** Whether nobody answered. A server that refuses a write, as one without disk, still answers reads. */
const isSilence = (error: unknown): error is MemoryError =>
  error instanceof MemoryTimeoutError ||
  (error instanceof MemoryUnavailableError && !(error instanceof AgainInOrderError) && !wasAnswered(error.cause))

const tooLate = ({ ms }: Deadline, { sessionId, operationId }: CallDetails): MemoryError =>
  new MemoryTimeoutError(`Redis has not answered for a while, nor another call that tries it within ${ms} ms`, 'no', {
    sessionId,
    operationId,
  })

/** What one connection took with it when it ended is one failure: this is the error of all others that were on it. */
class SameLoss {
  constructor(readonly error: MemoryError) {}
}

/**
 * Turns commands away at once when the last ones all went without an answer; after a while one is let through, and decides for
 * the others.
 */
export class Breaker {
  private readonly policy: CircuitBreakerPolicy
  /** Whether the last command was answered: then there is nothing that the policy counts. */
  private sound = true
  /** How many connections ended under the commands on them. */
  private losses = 0

  constructor(
    private readonly options: BreakerOptions,
    changed?: (state: BreakerState) => void,
  ) {
    this.policy = circuitBreaker(handleType(MemoryError as never, isSilence), {
      halfOpenAfter: options.openFor,
      breaker: new ConsecutiveBreaker(options.failures),
    })
    this.policy.onStateChange((state) => {
      // It is isolated for the moment in which it is closed.
      if (state !== CircuitState.Isolated) changed?.(STATES[state])
    })
  }

  get state(): BreakerState {
    return STATES[this.policy.state]
  }

  /** Lets everything through: there is a new connection. */
  close(): void {
    if (this.policy.state !== CircuitState.Closed) this.policy.isolate().dispose()
  }

  /** @throws MemoryError */
  run<T>(command: () => Promise<T>, details: CallDetails, deadline: Deadline): Promise<T> {
    if (!this.sound) return this.runByPolicy(command, details, deadline)
    const { losses } = this
    return command().catch(async (error: unknown) => {
      if (isSilence(error) && !this.isSameLoss(losses, deadline)) await this.count(error)
      throw error
    })
  }

  /**
   * Whether a command was not answered because of a loss that counts already; notes one that is new.
   *
   * @param losses when it was sent
   */
  private isSameLoss(losses: number, deadline: Deadline): boolean {
    // Who has no time left was not answered in all of it: that counts by itself.
    if (deadline.remaining < 1) return false
    if (this.losses !== losses && this.policy.state === CircuitState.Closed) return true
    this.losses++
    return false
  }

  /** Tells the policy of a failure that it did not see. */
  private async count(failure: MemoryError): Promise<void> {
    this.sound = false
    // It is not the one that decides for others.
    if (this.policy.state !== CircuitState.Closed) return
    await this.policy.execute(() => Promise.reject(failure)).catch(() => undefined)
  }

  private async runByPolicy<T>(command: () => Promise<T>, details: CallDetails, deadline: Deadline): Promise<T> {
    const closed = this.policy.state === CircuitState.Closed
    let begun = false
    let gaveUp = false
    const begin = (): Promise<T> => {
      // Who waited for another one's test may have given up by now.
      if (gaveUp || (!closed && deadline.remaining < 1)) throw tooLate(deadline, details)
      begun = true
      const { losses } = this
      return command().catch((error: unknown) => {
        throw isSilence(error) && this.isSameLoss(losses, deadline) ? new SameLoss(error) : error
      })
    }
    try {
      const running = this.policy.execute(begin)
      // Another one's test is waited for, but not longer than this call has time.
      const result = await (closed ? running : deadline.race(running))
      this.sound = true
      return result
    } catch (error) {
      if (error instanceof SameLoss) throw error.error
      if (error instanceof MemoryError) throw error
      gaveUp = true
      if (error instanceof DeadlineExceeded) throw begun ? classifyError(error, details) : tooLate(deadline, details)
      if (!(error instanceof BrokenCircuitError)) throw error
      throw new MemoryUnavailableError(
        `Redis has not answered ${this.options.failures} commands in a row; it is asked again within ${this.options.openFor} ms`,
        'no',
        { sessionId: details.sessionId, operationId: details.operationId, cause: error },
      )
    }
  }
}
