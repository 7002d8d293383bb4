import { Injectable } from '@nestjs/common'
import { MemoryInvalidError } from './errors/memory-invalid.error.js'
import { valueKind } from './errors/value-kind.js'
import { currentCall } from './call/memory-call.js'
import { MemoryConfigError } from './errors/memory-config.error.js'
import type { TokenCounter } from './model/token-counter.js'
import type { MemoryTelemetry } from './observability/memory-telemetry.js'
import type { ResolvedMemoryOptions } from './options/resolved-options.interface.js'
import { keyPrefix, sessionKey, summaryKey } from './redis/keys.js'
import type { Serialization } from './serialization/serialization.js'
import type { AgentSession } from './session/agent-session.interface.js'
import { CorruptLedger } from './session/corrupt-ledger.js'
import { Healing } from './session/healing/healing.js'
import { StoredSession } from './session/healing/stored-session.js'
import { LastSeqs } from './session/last-seqs.js'
import { LockQueue } from './session/lock/lock-queue.js'
import { KnownSessions } from './session/loss/known-sessions.js'
import { Losses } from './session/loss/losses.js'
import { NearCache } from './session/near-cache/near-cache.js'
import { Outage } from './session/outage/outage.js'
import type { MakeWaiting } from './session/outage/replayer.js'
import type { JournalStatus } from './resilience/journal/journal-entry.interface.js'
import type { Journal } from './resilience/journal/journal.js'
import type { Resilience } from './resilience/resilience.js'
import { RedisAgentSession } from './session/redis-agent-session.js'
import { SessionRecords } from './session/session-records.js'
import type { SessionTarget } from './session/session-target.interface.js'
import { SessionStore, type SharedBySessions } from './session/session-store.js'
import { SummaryCopies } from './session/summary-copies.js'
import type { StateSchema } from './session/state-schema/state-schema.interface.js'
import { validateId } from './session/validation/validate-id.js'
import { UnansweredOperations } from './session/unanswered-operations.js'
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

/** What is kept of sessions to answer reads while Redis is away, in bytes. */
const NEAR_CACHE_BYTES = 32 * 1024 * 1024
/** The part of a call's time in which keys of encryption may come when Redis is away: a fifth is left for all of it. */
const PART_FOR_KEYS = 0.1

/** @publicApi */
export interface MemoryStatus {
  /** How many records this process found that it could not read, each counted once; `session.quarantine()` lists them. */
  readonly corruptRecords: number
  /** How many sessions this process found to be gone, or older than they were, before their time. */
  readonly lostSessions: number
  /** With `onOutage: 'journal'`. */
  readonly journal?: JournalStatus
  /** How many calls are under way. */
  readonly inFlight: number
  /** `open`: commands are turned away at once, because the last ones went unanswered. `half-open`: one is being tried. */
  readonly breaker: 'closed' | 'open' | 'half-open'
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
  private readonly shared: SharedBySessions

  constructor(
    resilience: Resilience,
    private readonly options: ResolvedMemoryOptions,
    private readonly serialization: Serialization,
    private readonly tokens: TokenCounter,
    private readonly schema: StateSchema | undefined,
    journal: Journal | undefined,
  ) {
    const telemetry = resilience.telemetry.of(options.namespace)
    this.shared = {
      resilience,
      telemetry,
      options,
      order: new WriteOrder(),
      seqs: new LastSeqs(),
      ledger: new CorruptLedger(telemetry),
      losses: new Losses(new KnownSessions(), resilience, options.resilience.onLoss, telemetry),
      copies: new SummaryCopies(),
      unanswered: new UnansweredOperations(),
      locks: new LockQueue(),
      outage: this.openOutage(journal, resilience, telemetry),
      healing: this.openHealing(resilience, telemetry),
    }
    resilience.onClosing(() => this.shared.locks.close())
    resilience.onClosing(() => this.shared.healing?.close())
    resilience.onEnding(() => this.shared.outage.keepLeft(this.shared.healing?.left ?? []))
    resilience.connection.topology.onMoved(() => void this.shared.healing?.lookAround())
    resilience.connection.onUsable(() => void this.shared.outage.replay())
    // One that is made later, in a module that is loaded lazily, may find a connection that is there already.
    if (resilience.connection.isUsable) void this.shared.outage.replay()
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
    return this.open({ id, tenant, userId })
  }

  /**
   * The session that `@UseMemory(…)` opened for the call under way: in the handler, and in all that it calls. No I/O.
   *
   * @throws MemoryConfigError outside of such a call
   */
  current(): AgentSession<State, Metadata> {
    const opened = currentCall()?.in(this)
    if (opened !== undefined) return opened.session as AgentSession<State, Metadata>
    throw new MemoryConfigError({
      path: 'memory.current()',
      given: 'a call that has no session of this memory',
      allowed: 'a call to a handler with @UseMemory({ session: … }), or memory.session(id)',
    })
  }

  /** What this process knows of the memory; no I/O. */
  status(): MemoryStatus {
    const { ledger, losses, resilience, outage } = this.shared
    return {
      corruptRecords: ledger.count,
      lostSessions: losses.count,
      ...resilience.status,
      ...(outage.journaled !== undefined && { journal: outage.journaled }),
    }
  }

  private open({
    id,
    tenant,
    userId,
  }: Pick<SessionTarget, 'id' | 'tenant' | 'userId'>): RedisAgentSession<State, Metadata> {
    const key = sessionKey({ namespace: this.options.namespace, tenant, sessionId: id })
    const target = { id, tenant, userId, key, summaryKey: summaryKey(key) }
    const store = new SessionStore(this.shared, target)
    return new RedisAgentSession<State, Metadata>(store, this.recordsOf(target), this.tokens)
  }

  private recordsOf(target: SessionTarget): SessionRecords {
    const { serialization, schema } = this
    return new SessionRecords(serialization.of(target.key), serialization.types, schema, this.shared.ledger, target)
  }

  private openHealing({ connection, replicationWatch }: Resilience, telemetry: MemoryTelemetry): Healing | undefined {
    const { healing: limits } = this.options.resilience
    if (limits === undefined) return undefined
    const healing = new Healing({
      ...limits,
      serverOf: (key) => connection.topology.runOf(key),
      isUp: () => connection.isUsable,
      reaches: (key) => connection.reaches(key),
      open: (target) => new StoredSession(new SessionStore(this.shared, target, true), this.recordsOf(target)),
      wake: () => replicationWatch.wake(),
      telemetry,
    })
    replicationWatch.follow(healing)
    return healing
  }

  private openOutage(journal: Journal | undefined, resilience: Resilience, telemetry: MemoryTelemetry): Outage {
    const cache =
      this.options.resilience.onOutage === 'throw' ? undefined : new NearCache({ maxBytes: NEAR_CACHE_BYTES })
    const make: MakeWaiting = (entry, write, terms) => this.open(write.target).makeWaiting(entry, write, terms)
    return new Outage(cache, journal, this.serialization, make, {
      isUp: () => resilience.connection.isUsable,
      isOwn: (key) => key.startsWith(keyPrefix(this.options.namespace)),
      patience: Math.ceil(this.options.resilience.deadline * PART_FOR_KEYS),
      telemetry,
    })
  }
}
