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
import { classifyError, type CallDetails } from '../redis/classify-error.js'
import { DeadlineExceeded, type Deadline } from '../redis/deadline.js'
import { wasAnswered } from './was-answered.js'

export interface BreakerOptions {
  /** In a row, that open it. */
  readonly failures: number
  /** In ms. */
  readonly openFor: number
}

const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
} as const

/** Whether nobody answered. A server that refuses a write, as one without disk, still answers reads. */
const isSilence = (error: MemoryError): boolean =>
  error instanceof MemoryTimeoutError || (error instanceof MemoryUnavailableError && !wasAnswered(error.cause))

/**
 * Turns commands away at once when the last ones all went without an answer; after a while one is let through, and decides for
 * the others.
 */
export class Breaker {
  private readonly policy: CircuitBreakerPolicy
  /** Whether the last command was answered: then there is nothing that the policy counts. */
  private sound = true

  constructor(private readonly options: BreakerOptions) {
    this.policy = circuitBreaker(handleType(MemoryError as never, isSilence), {
      halfOpenAfter: options.openFor,
      breaker: new ConsecutiveBreaker(options.failures),
    })
  }

  get state(): 'closed' | 'open' | 'half-open' {
    return STATES[this.policy.state]
  }

  /** Lets everything through: there is a new connection. */
  close(): void {
    if (this.policy.state !== CircuitState.Closed) this.policy.isolate().dispose()
  }

  /** @throws MemoryError */
  async run<T>(command: () => Promise<T>, details: CallDetails, deadline: Deadline): Promise<T> {
    if (!this.sound) return this.runByPolicy(command, details, deadline)
    try {
      return await command()
    } catch (error) {
      if (!(error instanceof MemoryError) || !isSilence(error)) throw error
      this.sound = false
      return this.runByPolicy(() => Promise.reject(error), details, deadline)
    }
  }

  private async runByPolicy<T>(command: () => Promise<T>, details: CallDetails, deadline: Deadline): Promise<T> {
    const closed = this.policy.state === CircuitState.Closed
    try {
      const running = this.policy.execute(command)
      // Another one's test is waited for, but not longer than this call has time.
      const result = await (closed ? running : deadline.race(running))
      this.sound = true
      return result
    } catch (error) {
      if (error instanceof MemoryError) throw error
      if (error instanceof DeadlineExceeded) throw classifyError(error, details)
      if (!(error instanceof BrokenCircuitError)) throw error
      throw new MemoryUnavailableError(
        `Redis has not answered ${this.options.failures} commands in a row; it is asked again within ${this.options.openFor} ms`,
        'no',
        { sessionId: details.sessionId, operationId: details.operationId, cause: error },
      )
    }
  }
}
