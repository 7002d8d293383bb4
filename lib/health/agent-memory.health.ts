import { Inject, Injectable, Optional } from '@nestjs/common'
import { MemoryError, type MemoryErrorCode } from '../errors/memory.error.js'
import { JOURNAL } from '../memory.constants.js'
import { Journal } from '../resilience/journal/journal.js'
import { RedisConnection } from '../redis/connection.js'

/**
 * How the memory is, in the form that `HealthCheckService.check` of `@nestjs/terminus` takes.
 *
 * @publicApi
 */
export type AgentMemoryHealth = Record<
  string,
  | {
      readonly status: 'up'
      /** How long the PING took, in milliseconds. */
      readonly pingMs: number
      /** With `onOutage: 'journal'`: how many writes wait in the journal. */
      readonly journaled?: number
    }
  | {
      readonly status: 'down'
      /** Why: the code of the MemoryError, without any detail that is not for the public. */
      readonly code: MemoryErrorCode | 'UNKNOWN'
      readonly journaled?: number
    }
>

/**
 * Tells whether Redis answers, on the very connection the memory uses; no other one is opened.
 *
 * With Terminus: `health.check([() => memoryHealth.isHealthy('memory')])`, which answers 503 while the memory is down.
 * It works without Terminus as well.
 *
 * @publicApi
 */
@Injectable()
export class AgentMemoryHealthIndicator {
  constructor(
    @Inject(RedisConnection) private readonly connection: RedisConnection,
    @Optional() @Inject(JOURNAL) private readonly journal?: Journal,
  ) {}

  /**
   * Settles within `resilience.deadline` and never rejects: to Terminus, a rejection is a fault of the health check
   * itself (500).
   */
  async isHealthy(key = 'memory'): Promise<AgentMemoryHealth> {
    return { [key]: await this.check() }
  }

  private async check(): Promise<AgentMemoryHealth[string]> {
    try {
      return { status: 'up', pingMs: await this.connection.ping(), ...this.journaled() }
    } catch (error) {
      return { status: 'down', code: error instanceof MemoryError ? error.code : 'UNKNOWN', ...this.journaled() }
    }
  }

  private journaled(): { readonly journaled?: number } {
    return this.journal?.isOpen === true ? { journaled: this.journal.status().entries } : {}
  }
}
