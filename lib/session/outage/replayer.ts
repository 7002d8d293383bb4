import { Logger } from '@nestjs/common'
import { MemoryUnavailableError } from '../../errors/memory-unavailable.error.js'
import { MemoryError } from '../../errors/memory.error.js'
import type { MemoryTelemetry } from '../../observability/memory-telemetry.js'
import type { JournalEntry } from '../../resilience/journal/journal-entry.interface.js'
import type { Journal } from '../../resilience/journal/journal.js'
import { DecodeError } from '../../serialization/codec.errors.js'
import type { Serialization } from '../../serialization/serialization.js'
import { KeyUnavailable } from '../../serialization/envelope/key-unavailable.js'
import { isOutage } from './is-outage.js'
import { ReplayLog } from './replay-log.js'
import { openWaiting, type WaitingWrite } from './write-content.js'

/** How many sessions are replayed side by side. */
const SESSIONS_AT_ONCE = 16
const ENTRIES_AT_ONCE = 100

/** What became of a write that was made late. */
export interface Replayed {
  /** The seqs that its messages got. */
  readonly seqs: readonly number[]
  /** How many messages of others stand between it and what was known when it was made. */
  readonly behind: number
  /** State fields that were left as they are, because they were written later. */
  readonly outdated: readonly string[]
  /** When it was called, by the server's clock, in ms. */
  readonly calledAt: number
}

/** What a replay knows of a write beside what the journal says. */
export interface LateTerms {
  /** Whether it may have been made already. */
  readonly maybeMade: boolean
  /** When the one before it was called, by the server's clock, in ms: this one was not called earlier. */
  readonly after: number
}

/** Makes a write of the journal. @throws MemoryError */
export type MakeWaiting = (entry: JournalEntry, write: WaitingWrite, terms: LateTerms) => Promise<Replayed>

export interface ReplayTerms {
  /** Whether a session is of this memory. */
  readonly isOwn: (key: string) => boolean
  readonly telemetry: MemoryTelemetry
}

/**
 * Makes the writes of the journal when Redis is back: those of one session in their order, each exactly once by its operation
 * id. One that cannot be made any more is set aside in the journal, and reported.
 */
export class Replayer {
  private readonly logger = new Logger('AgentMemory')
  /** Entries from before it may have been made by an earlier process. */
  private readonly began = Date.now()
  private readonly unanswered = new Set<number>()
  private readonly underWay = new Map<string, Promise<void>>()
  /** By session: when the last write that was made was called. */
  private readonly calledAt = new Map<string, number>()
  private isLogged = false
  private all: Promise<void> | undefined

  constructor(
    private readonly journal: Journal,
    private readonly serialization: Serialization,
    private readonly make: MakeWaiting,
    private readonly made: (key: string) => void,
    private readonly terms: ReplayTerms,
  ) {}

  /** Whether nothing waits that is to be made here. */
  get isDone(): boolean {
    return !this.journal.isOpen || !this.journal.sessions().some(this.terms.isOwn)
  }

  /** Makes all that waits, session by session; ends when there is no connection any more. Never rejects. */
  replayAll(isUp: () => boolean): Promise<void> {
    this.all ??= this.everySession(isUp).finally(() => {
      this.all = undefined
    })
    return this.all
  }

  /** Makes what waits for a session. @throws MemoryError when Redis is away, again or still */
  replay(key: string): Promise<void> {
    let replay = this.underWay.get(key)
    if (replay === undefined) {
      replay = this.everyEntry(key).finally(() => {
        this.underWay.delete(key)
        if (!this.journal.isOpen || !this.journal.has(key)) this.calledAt.delete(key)
        this.made(key)
      })
      this.underWay.set(key, replay)
    }
    return replay
  }

  private async everySession(isUp: () => boolean): Promise<void> {
    const keys = this.journal.sessions().filter(this.terms.isOwn)
    if (keys.length === 0) return
    if (!this.isLogged) {
      this.logger.log(`making the writes of ${keys.length} sessions that wait in the journal`)
    }
    this.isLogged = true
    let hasFailed = false
    const next = async (): Promise<void> => {
      for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
        try {
          await this.replay(key)
        } catch {
          hasFailed = true
          // What stops one session, as a key that cannot be had, need not stop the others.
          if (!isUp()) return
        }
      }
    }
    await Promise.all(Array.from({ length: SESSIONS_AT_ONCE }, next))
    // Those that failed are tried again in a while: it is said once.
    this.isLogged = hasFailed
  }

  private async everyEntry(key: string): Promise<void> {
    const log = new ReplayLog()
    try {
      while (this.journal.has(key)) {
        const outdated = new Set(this.journal.outdated())
        for (const entry of await this.journal.entriesOf(key, ENTRIES_AT_ONCE)) {
          if (outdated.has(entry.id)) await this.setAside(entry, 'older than resilience.journal.maxAge', log)
          else await this.one(entry, log)
        }
      }
    } finally {
      log.say()
    }
  }

  private async one(entry: JournalEntry, log: ReplayLog): Promise<void> {
    let write: WaitingWrite
    try {
      write = await this.read(entry)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      await this.setAside(entry, error.reason, log)
      return
    }
    try {
      const maybeMade = entry.at < this.began || this.unanswered.has(entry.id)
      const replayed = await this.make(entry, write, { maybeMade, after: this.calledAt.get(entry.session) ?? 0 })
      this.calledAt.set(entry.session, replayed.calledAt)
      this.unanswered.delete(entry.id)
      await this.journal.remove([entry.id])
      this.report(entry, write, replayed, log)
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error
      if (error.executed === 'unknown') this.unanswered.add(entry.id)
      if (isOutage(error) || error.retryable) throw error
      await this.setAside(entry, error.code, log, write)
    }
  }

  private async read({ session, operationId, text }: JournalEntry): Promise<WaitingWrite> {
    const codec = this.serialization.of(session)
    try {
      await codec.envelope.prepare([text])
    } catch (cause) {
      if (!(cause instanceof KeyUnavailable)) throw cause
      throw new MemoryUnavailableError('an encryption key cannot be had', 'no', { operationId, cause })
    }
    return openWaiting(codec, operationId, text)
  }

  private report({ operationId }: JournalEntry, { target }: WaitingWrite, replayed: Replayed, log: ReplayLog): void {
    const { seqs, behind, outdated } = replayed
    const { id: sessionId, tenant } = target
    this.terms.telemetry.replayed({ sessionId, tenant, operationId, seqs, behind, outdated })
    log.replayed(sessionId, replayed)
  }

  private async setAside(entry: JournalEntry, reason: string, log: ReplayLog, write?: WaitingWrite): Promise<void> {
    await this.journal.setAside(entry.id, reason)
    const sessionId = write?.target.id
    this.terms.telemetry.setAside({ sessionId, tenant: write?.target.tenant, operationId: entry.operationId, reason })
    log.setAside(sessionId, reason)
  }
}
