import { Logger } from '@nestjs/common'
import { performance } from 'node:perf_hooks'
import { MemoryLostError } from '../../errors/memory-lost.error.js'
import { MemoryError } from '../../errors/memory.error.js'
import type { MemoryTelemetry } from '../../observability/memory-telemetry.js'
import type { Passed, ReplicationFollower } from '../../redis/replication/replication-watch.js'
import type { ScriptReply } from '../../redis/run-script.js'
import { isAnother, type ServerRun } from '../../redis/server-run.js'
import type { Operation } from '../operation.js'
import { isOutage } from '../outage/is-outage.js'
import type { SessionTarget } from '../session-target.interface.js'
import { setNewest } from '../set-newest.js'
import { recentWrite } from './recent-write.js'
import type { RecentWrite, SeqRange } from './recent-write.interface.js'
import { RecentWrites, UNKNOWN_RUN } from './recent-writes.js'
import type { Standing } from './standing.js'

/** How many sessions are healed side by side. */
const SESSIONS_AT_ONCE = 16
/** After how long it is tried again, in ms. */
const AGAIN_AFTER = 1_000
const MOST_HEALED = 10_000
/** How long what a server without replicas acknowledged is kept, in ms: with `appendfsync everysec` it may lose up to two seconds of it. */
const WITHOUT_REPLICAS = 5_000

/** What became of a write that was made again. */
export interface Remade {
  /** Whether it was there. */
  readonly duplicate: boolean
  /** The seqs that its messages have now. */
  readonly seqs: readonly number[]
  /** State fields that were left as they are, because they were written later. */
  readonly outdated: readonly string[]
}

/** A session, as far as it takes to heal it. */
export interface HealableSession {
  /** What Redis has of it. @throws MemoryError */
  standing(): Promise<Standing>
  /** Makes a write again that may be there. @throws MemoryError */
  remake(write: RecentWrite): Promise<Remade>
  /** Redis has what it has: what this process knew of the session does not count any more. */
  accept(): void
  /** Redis has nothing of it. */
  gone(now: number): Promise<void>
  /** @param seqs of messages that cannot be made again, where they are known */
  lost(seqs: SeqRange | undefined): MemoryLostError | undefined
}

export interface HealingTerms {
  readonly maxBytes: number
  /** In ms. */
  readonly maxAge: number
  readonly serverOf: (key: string) => ServerRun
  /** Whether there is a connection. */
  readonly isUp: () => boolean
  /** Whether there is one to the server that serves a key. */
  readonly reaches: (key: string) => boolean
  readonly open: (target: SessionTarget) => HealableSession
  /** A write is kept, and none was before. */
  readonly wake: () => void
  readonly telemetry: MemoryTelemetry
}

/**
 * Keeps the writes that Redis acknowledged until its replicas have them, and makes them again where a server has taken over
 * without: in their order, and before later ones of this process to the same session. Each is made once, by its operation id.
 */
export class Healing implements ReplicationFollower {
  private readonly logger = new Logger('AgentMemory')
  private readonly recent: RecentWrites
  private readonly underWay = new Map<string, Promise<void>>()
  /** By performance.now(). */
  private readonly healedAt = new Map<string, number>()
  /** What could not be healed, until it has been said to a caller. */
  private readonly untold = new Map<string, MemoryLostError>()
  private again: NodeJS.Timeout | undefined
  private all: Promise<void> | undefined
  private remade = 0
  private isCutShort = false
  private places = 0

  constructor(private readonly terms: HealingTerms) {
    this.recent = new RecentWrites(terms.maxBytes)
  }

  /** Redis has acknowledged a write. @param reply as the scripts answer */
  stored(target: SessionTarget, operation: Operation, server: ServerRun, reply: ScriptReply): void {
    // Without INFO nobody can tell a server from the one before it.
    if (server.node === '' && server.runId === undefined) return
    const write = recentWrite(target, operation, server, reply, this.places)
    if (write === undefined) return
    this.places++
    const wasWaiting = this.isWaiting
    this.recent.add(write)
    if (!wasWaiting) this.terms.wake()
    // It was answered by a server that has been replaced meanwhile.
    if (this.isElsewhere(target.key)) this.lookAgain()
  }

  get isWaiting(): boolean {
    return this.recent.size > 0
  }

  passed(runId: string, { at, until, hasReplicas }: Passed): void {
    if (until !== undefined) this.recent.passed(runId, until)
    const { maxAge } = this.terms
    this.recent.giveUpBefore(runId, at - (hasReplicas ? maxAge : Math.min(maxAge, WITHOUT_REPLICAS)))
    this.recent.giveUpBefore(UNKNOWN_RUN, at - maxAge)
  }

  /** Whether a session is to be healed before anything else is done with it. */
  isDue(key: string): boolean {
    return this.underWay.has(key) || this.untold.has(key) || this.isElsewhere(key)
  }

  /** Whether a session was healed since then, by performance.now(): what was known of it before does not count any more. */
  wasHealedSince(key: string, time: number): boolean {
    const healed = this.healedAt.get(key)
    return healed !== undefined && healed >= time
  }

  /**
   * Makes the writes of a session again that another server may not have.
   *
   * @throws MemoryLostError once, when not all could be made; MemoryError when Redis is away
   */
  async heal(key: string): Promise<void> {
    if (this.underWay.has(key) || this.isElsewhere(key)) await this.once(key)
    const lost = this.untold.get(key)
    this.untold.delete(key)
    if (lost !== undefined) throw lost
  }

  /** Another server may serve some sessions now: heals those, whether someone asks for them or not. Never rejects. */
  lookAround(): Promise<void> {
    this.all ??= this.everySession().finally(() => {
      this.all = undefined
      if (this.remade > 0) {
        this.logger.warn(
          `another server had taken over without ${this.remade} acknowledged writes: they were made again`,
        )
      }
      this.remade = 0
    })
    return this.all
  }

  /** The connection is about to be closed. */
  close(): void {
    clearTimeout(this.again)
    this.isCutShort = [...this.recent.sessions].some((key) => !this.terms.reaches(key) || this.isElsewhere(key))
  }

  /** What nobody has made again, by session, when it was closed while it may have been needed. */
  get left(): readonly (readonly RecentWrite[])[] {
    return this.isCutShort ? [...this.recent.sessions].map((key) => [...this.recent.of(key)]) : []
  }

  private isElsewhere(key: string): boolean {
    const oldest = this.recent.first(key)
    return oldest !== undefined && isAnother(oldest.server, this.terms.serverOf(key))
  }

  private async everySession(): Promise<void> {
    const keys = [...this.recent.sessions].filter((key) => this.isElsewhere(key))
    const next = async (): Promise<void> => {
      for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
        try {
          await this.once(key)
        } catch {
          this.lookAgain()
          if (!this.terms.isUp()) return
        }
      }
    }
    await Promise.all(Array.from({ length: SESSIONS_AT_ONCE }, next))
  }

  private lookAgain(): void {
    this.again ??= setTimeout(() => {
      this.again = undefined
      if (this.terms.isUp()) void this.lookAround()
    }, AGAIN_AFTER).unref()
  }

  private once(key: string): Promise<void> {
    let healing = this.underWay.get(key)
    if (healing === undefined) {
      healing = this.session(key).finally(() => this.underWay.delete(key))
      this.underWay.set(key, healing)
    }
    return healing
  }

  private async session(key: string): Promise<void> {
    const server = this.terms.serverOf(key)
    // What was made again before another server took over stands behind what was not, and came before it.
    const writes = [...this.recent.of(key)]
      .filter((write) => isAnother(write.server, server))
      .toSorted((one, other) => one.order - other.order)
    const [first] = writes
    if (first === undefined) return
    // Whoever asks for a session is its user or the application: this is neither.
    const session = this.terms.open({ ...first.target, userId: undefined })
    const standing = await session.standing()
    if (standing.state === 'found') await this.catchUp(key, session, standing, writes)
    else await this.beginAnew(session, standing, writes)
  }

  /** Redis has nothing of it: a session that began within what is kept can be made again. */
  private async beginAnew(
    session: HealableSession,
    standing: Exclude<Standing, { state: 'found' }>,
    writes: readonly RecentWrite[],
  ): Promise<void> {
    const isOver = writes.at(-1)!.expires > 0 && writes.at(-1)!.expires <= standing.now
    const begin = isOver ? -1 : writes.findIndex(({ began }) => began)
    for (const write of begin < 0 ? writes : writes.slice(0, begin)) this.recent.remove(write)
    if (begin >= 0) await this.remake(session, writes.slice(begin))
    // Who deleted it meant what was to be healed as well.
    else if (standing.state === 'absent') await session.gone(standing.now)
  }

  private async catchUp(
    key: string,
    session: HealableSession,
    { version, lastSeq }: Standing & { state: 'found' },
    writes: readonly RecentWrite[],
  ): Promise<void> {
    const givenUp = this.recent.givenUp(key)
    if (givenUp !== undefined && givenUp.counter > Number.parseInt(version, 10)) {
      const to = givenUp.lastSeq
      this.told(key, session.lost(to === undefined || to <= lastSeq ? undefined : { from: lastSeq + 1, to }))
    }
    // A version names all that came before it.
    const there = writes.findLastIndex((write) => write.version === version)
    const server = this.terms.serverOf(key)
    for (const write of writes.slice(0, there + 1)) {
      this.recent.remove(write)
      this.recent.add({ ...write, server, storedAt: performance.now() })
    }
    if (there < writes.length - 1) await this.remake(session, writes.slice(there + 1))
  }

  private async remake(session: HealableSession, writes: readonly RecentWrite[]): Promise<void> {
    const { key } = writes[0]!.target
    session.accept()
    for (const write of writes) {
      try {
        this.say(write, await this.terms.open(write.target).remake(write))
      } catch (error) {
        if (!(error instanceof MemoryError) || isOutage(error) || error.retryable) throw error
        // Who deleted the session since meant this as well.
        if (error.code !== 'SESSION_DELETED') this.told(key, session.lost(write.seqs))
      } finally {
        setNewest(this.healedAt, key, performance.now(), MOST_HEALED)
      }
      this.recent.remove(write)
    }
  }

  private say({ target: { id, tenant }, operationId, seqs: former }: RecentWrite, remade: Remade): void {
    if (remade.duplicate) return
    this.remade++
    const { seqs, outdated } = remade
    const behind = Math.max(0, (seqs[0] ?? 0) - (former?.from ?? 0))
    this.terms.telemetry.healed({ sessionId: id, tenant, operationId, seqs, behind, outdated })
  }

  private told(key: string, lost: MemoryLostError | undefined): void {
    if (lost !== undefined) setNewest(this.untold, key, lost, MOST_HEALED)
  }
}
