import { Logger } from '@nestjs/common'
import { performance } from 'node:perf_hooks'
import { MemoryLostError, type LossReason } from '../../errors/memory-lost.error.js'
import type { MemoryErrorDetails } from '../../errors/memory.error.js'
import type { Version } from '../../model/record.interface.js'
import type { MemoryTelemetry } from '../../observability/memory-telemetry.js'
import { infoOf } from '../../redis/cluster-nodes.js'
import { readServerFacts, type ServerFacts } from '../../redis/server-check.js'
import type { Deadline } from '../../redis/deadline.js'
import type { Resilience } from '../../resilience/resilience.js'
import { copyExpiry } from '../../serialization/summary-record.js'
import type { KnownSession, KnownSessions } from './known-sessions.js'
import type { SessionTarget } from '../session-target.interface.js'

/** By how much the server's clock may have been set back since the session was seen, in ms. */
const CLOCK_MARGIN = 1_000

/** What this process knew of a session when a call began. */
export interface Testimony {
  readonly known: KnownSession | undefined
  /** When it was given, by performance.now(). */
  readonly takenAt: number
  /** Whether its loss had been reported: who writes then, begins anew knowingly. */
  readonly reported: boolean
}

const TEXTS: Readonly<Record<LossReason, string>> = {
  evicted: 'the server evicts keys because it is full (set maxmemory-policy to noeviction)',
  restarted: 'the server has started anew without it (see appendonly and save)',
  'rolled-back': 'the server has started anew with an older state (see appendonly)',
  removed: 'the server runs on and has evicted nothing, so that someone removed or replaced the key',
  'failed-over': 'another server has taken over without them (see durability and min-replicas-to-write)',
  unknown: 'the server may not be asked for INFO (grant +info)',
}

/** Notices sessions that are gone before their time, or older than they were, and says so. */
export class Losses {
  private readonly logger = new Logger('AgentMemory')

  constructor(
    private readonly known: KnownSessions,
    private readonly resilience: Resilience,
    private readonly onLoss: 'throw' | 'report',
    private readonly telemetry: MemoryTelemetry,
  ) {}

  get count(): number {
    return this.known.lost
  }

  testimony(key: string): Testimony {
    return {
      known: this.known.get(key, this.resilience.connection.topology.timeOf(key)),
      takenAt: performance.now(),
      reported: this.known.wasReported(key),
    }
  }

  /** Answers whether it is the session that was known before. */
  saw(key: string, version: Version, life: string): boolean {
    return this.known.saw(key, version, life, this.resilience.connection.topology.factsOf(key)?.runId)
  }

  /** The session was deleted, or its loss is known to whoever goes on. */
  forget(key: string): void {
    this.known.forget(key)
  }

  follows(known: KnownSession, version: Version, life: string): boolean {
    return this.known.follows(known, version, life)
  }

  /**
   * Redis has no such session. That is a loss when this process, or the copy of its summary, knows of one that should be there.
   *
   * @param now the server's time, in ms, when it said so
   * @throws MemoryLostError
   */
  async gone(
    target: SessionTarget,
    { known }: Testimony,
    copy: string | undefined,
    now: number,
    deadline: Deadline,
    details: MemoryErrorDetails,
  ): Promise<void> {
    const expires = Math.max(known?.expires ?? 0, copy === undefined ? 0 : copyExpiry(copy))
    if (expires > now + CLOCK_MARGIN) await this.report(target, known, false, deadline, details)
  }

  /** Redis has another session, or an older state of it. @throws MemoryLostError */
  async changed(
    target: SessionTarget,
    { known }: Testimony,
    deadline: Deadline,
    details: MemoryErrorDetails,
  ): Promise<void> {
    await this.report(target, known, true, deadline, details)
  }

  /**
   * Another server has taken over without what this process can no longer make again.
   *
   * @param seqs of the messages among it, where they are known
   */
  takenBack(
    { id: sessionId, tenant }: SessionTarget,
    seqs: { readonly from: number; readonly to: number } | undefined,
  ): MemoryLostError | undefined {
    const reason = 'failed-over'
    const what = seqs === undefined ? 'writes' : `messages ${seqs.from} to ${seqs.to}`
    this.known.count()
    this.logger.error(`session ${JSON.stringify(sessionId)} has lost ${what}: ${TEXTS[reason]}`)
    this.telemetry.lost({ sessionId, tenant, reason, ...(seqs && { seqs }) })
    if (this.onLoss === 'report') return undefined
    return new MemoryLostError(
      `${what} that Redis acknowledged are lost: ${TEXTS[reason]}`,
      reason,
      { sessionId },
      seqs,
    )
  }

  private async report(
    { id, tenant, key }: SessionTarget,
    known: KnownSession | undefined,
    remains: boolean,
    deadline: Deadline,
    details: MemoryErrorDetails,
  ): Promise<void> {
    const isNew = this.known.report(key, known)
    if (!isNew && this.onLoss === 'report') return
    const reason = await this.reason(key, known, remains, deadline)
    if (isNew) {
      this.logger.error(`session ${JSON.stringify(id)} is ${remains ? 'older than it was' : 'lost'}: ${TEXTS[reason]}`)
      this.telemetry.lost({ sessionId: id, tenant, reason })
    }
    if (this.onLoss === 'report') return
    const what = remains
      ? 'Redis acknowledged more of the session than it has now'
      : 'Redis acknowledged the session and no longer has it; a write or clear() begins it anew'
    throw new MemoryLostError(`${what}. Likely cause: ${TEXTS[reason]}`, reason, details)
  }

  private async reason(
    key: string,
    known: KnownSession | undefined,
    remains: boolean,
    deadline: Deadline,
  ): Promise<LossReason> {
    const before = this.resilience.connection.topology.factsOf(key)
    let facts: ServerFacts
    try {
      const info = await this.resilience.run(key, (client) => infoOf(client, key), { kind: 'read' }, deadline)
      facts = readServerFacts(info)
    } catch {
      return 'unknown'
    }
    const ranOn = known?.runId === undefined ? undefined : known.runId === facts.runId
    if (ranOn === false) return remains ? 'rolled-back' : 'restarted'
    if (remains) return 'removed'
    if (facts.evictedKeys > (ranOn === true ? (before?.evictedKeys ?? 0) : 0)) return 'evicted'
    return 'removed'
  }
}
