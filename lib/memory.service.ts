import { Injectable } from '@nestjs/common'
import { EstimatingTokenCounter } from './context/token-estimator.js'
import { MemoryInvalidError } from './errors/memory-invalid.error.js'
import { valueKind } from './errors/value-kind.js'
import type { ResolvedMemoryOptions } from './options/resolved-options.interface.js'
import type { RedisConnection } from './redis/connection.js'
import { sessionKey, summaryKey } from './redis/keys.js'
import type { Serialization } from './serialization/serialization.js'
import type { AgentSession } from './session/agent-session.interface.js'
import { CorruptLedger } from './session/corrupt-ledger.js'
import { LastSeqs } from './session/last-seqs.js'
import { RedisAgentSession } from './session/redis-agent-session.js'
import { SessionRecords } from './session/session-records.js'
import { SessionStore } from './session/session-store.js'
import { createStateSchema } from './session/state-schema/create-state-schema.js'
import type { StateSchema } from './session/state-schema/state-schema.interface.js'
import { validateId } from './session/validation/validate-id.js'
import { WriteOrder } from './session/write-order.js'

/**
 * Whose session it is.
 *
 * @publicApi
 */
export interface SessionOwner {
  /** Sessions of different tenants never meet, also under the same id. */
  readonly tenant?: string | undefined
  /**
   * The first write that names a user makes the session theirs; for another user it does not exist. Without it, the handle
   * is the application's own and reaches every session of the tenant.
   */
  readonly userId?: string | undefined
}

/** @publicApi */
export interface MemoryStatus {
  /** How many records this process found that it could not read, each counted once; `session.quarantine()` lists them. */
  readonly corruptRecords: number
}

/**
 * The memory of the application's agents.
 *
 * @typeParam State the typed values of a session
 * @typeParam Metadata what messages carry beside their content
 * @publicApi
 */
@Injectable()
export class MemoryService<State = Record<string, unknown>, Metadata = Record<string, unknown>> {
  private readonly tokens = new EstimatingTokenCounter()
  private readonly order = new WriteOrder()
  private readonly seqs = new LastSeqs()
  private readonly ledger = new CorruptLedger()
  private readonly schema: StateSchema | undefined

  constructor(
    private readonly connection: RedisConnection,
    private readonly options: ResolvedMemoryOptions,
    private readonly serialization: Serialization,
  ) {
    this.schema = createStateSchema(options.state)
  }

  /**
   * A handle on a session. No I/O: the session comes into being with its first write.
   *
   * @param id 1 to 512 bytes of text without `{ } : * ? [ ] \` and control characters; so are tenant and user id
   * @throws MemoryInvalidError for an id that cannot be one
   */
  session(id: string, owner: SessionOwner = {}): AgentSession<State, Metadata> {
    validateId(id, 'sessionId')
    if (typeof owner !== 'object' || owner === null) {
      throw new MemoryInvalidError({ path: 'owner', given: valueKind(owner), allowed: 'an object with tenant, userId' })
    }
    const { tenant, userId, ...unknown } = owner
    const [unknownName] = Object.keys(unknown)
    if (unknownName !== undefined) {
      throw new MemoryInvalidError({
        path: `owner.${unknownName}`,
        given: 'an unknown name',
        allowed: 'tenant, userId',
      })
    }
    if (tenant !== undefined) validateId(tenant, 'tenant')
    if (userId !== undefined) validateId(userId, 'userId')
    const key = sessionKey({ namespace: this.options.namespace, tenant, sessionId: id })
    const target = { id, tenant, userId, key, summaryKey: summaryKey(key) }
    return new RedisAgentSession<State, Metadata>(
      new SessionStore(this.connection, this.order, this.seqs, this.ledger, this.options, target),
      new SessionRecords(this.serialization.of(key), this.serialization.types, this.schema, this.ledger, target),
      this.tokens,
    )
  }

  /** What this process knows of the memory; no I/O. */
  status(): MemoryStatus {
    return { corruptRecords: this.ledger.count }
  }
}
