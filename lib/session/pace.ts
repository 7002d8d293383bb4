import { performance } from 'node:perf_hooks'
import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { DeadlineExceeded, type Deadline } from '../redis/deadline.js'
import type { LoopTurns } from '../resilience/loop-turns.js'

/** How long a read works on its records without a pause, in ms: about as long as it takes to decode a mebibyte. */
const MOST_AT_ONCE = 10

/** The clock is looked at after records of so many characters, of which each counts as some more. */
const LOOK_AFTER = 8_000
const OF_EACH = 1_000

/** Has the work on the records of one read pause now and then, so that other calls go on. */
export class Pace {
  private since = performance.now()
  private work = 0

  constructor(
    private readonly turns: LoopTurns,
    private readonly deadline: Deadline,
    private readonly sessionId: string,
  ) {}

  /** To be waited for after each record; `undefined` for most of them. @throws MemoryTimeoutError */
  pause(record: string): Promise<void> | undefined {
    this.work += OF_EACH + record.length
    if (this.work < LOOK_AFTER) return undefined
    this.work = 0
    return performance.now() - this.since < MOST_AT_ONCE ? undefined : this.rest()
  }

  private async rest(): Promise<void> {
    await this.turns.next()
    try {
      this.deadline.check()
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error
      const message = `the records that were read are too many to be decoded in time: ${error.message}`
      throw new MemoryTimeoutError(message, 'no', { sessionId: this.sessionId })
    }
    this.since = performance.now()
  }
}
