import { Injectable } from '@nestjs/common'
import type { AgentMemoryHealth, AgentMemoryHealthOptions } from './agent-memory-health.interface.js'
import { resolveHealthOptions, validateHealthKey } from './health-options.js'
import type { MemoryProbe } from './memory-probe.js'

const KEY = 'memory'

/**
 * Tells how the memory is, for `@nestjs/terminus` (`health.check([() => memoryHealth.isHealthy()])` answers 503 while it is
 * down) and without it. It checks on the very connection the memory uses: no other one is opened.
 *
 * Whatever Redis does, the answers come within the timeout and do not reject: to Terminus, a rejection is a fault of the health
 * check itself (500). Only arguments that cannot be are refused so, with MemoryInvalidError.
 *
 * @publicApi
 */
@Injectable()
export class AgentMemoryHealthIndicator {
  constructor(private readonly probe: MemoryProbe) {}

  /**
   * Writes to Redis, reads that back, and asks the server how it is. `up` with `degraded: true` is a memory that works, with
   * `reasons` to look at it; `down` is one that does not take writes.
   *
   * @param key the name under which the result stands
   * @throws MemoryInvalidError
   */
  async isHealthy(key: string = KEY, options?: AgentMemoryHealthOptions): Promise<AgentMemoryHealth> {
    validateHealthKey(key)
    return { [key]: await this.probe.look(resolveHealthOptions(options), true) }
  }

  /**
   * Whether requests may be sent to this process: writes to Redis and reads that back, and no more.
   *
   * @throws MemoryInvalidError
   */
  async isReady(key: string = KEY, options?: AgentMemoryHealthOptions): Promise<AgentMemoryHealth> {
    validateHealthKey(key)
    return { [key]: await this.probe.look(resolveHealthOptions(options), false) }
  }

  /**
   * Whether this process is alive: it is when it can answer at all. It does not ask Redis, since starting the process anew would
   * not bring Redis back.
   *
   * @throws MemoryInvalidError
   */
  isAlive(key: string = KEY): Record<string, { readonly status: 'up' }> {
    validateHealthKey(key)
    return { [key]: { status: 'up' } }
  }
}
