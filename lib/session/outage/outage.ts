import { hash } from 'node:crypto'
import { MemoryFullError } from '../../errors/memory-full.error.js'
import { MemoryTimeoutError } from '../../errors/memory-timeout.error.js'
import { MemoryError } from '../../errors/memory.error.js'
import { DeadlineExceeded, type Deadline } from '../../redis/deadline.js'
import type { JournalStatus } from '../../resilience/journal/journal-entry.interface.js'
import type { Journal } from '../../resilience/journal/journal.js'
import type { Serialization } from '../../serialization/serialization.js'
import type { NearCache } from '../near-cache/near-cache.js'
import type { FoundRecords, WindowRequest } from '../window-request.interface.js'
import type { SessionTarget } from '../session-target.interface.js'
import { isOutage } from './is-outage.js'
import type { JournaledWrite } from './journaled-write.interface.js'
import { Replayer, type MakeWaiting } from './replayer.js'
import { showWaiting } from './show-waiting.js'
import { openWaiting, sealWaiting, type WaitingWrite } from './write-content.js'

/** By operation id: a digest of what the caller gave. */
type Waiting = Map<string, string>

/**
 * What becomes of calls while Redis is away: reads are answered from what this process saw and wrote last, and writes are kept
 * in the journal, as far as the options say so.
 */
export class Outage {
  /** Of the sessions with writes in the journal, as far as they are in the cache. */
  private readonly waiting = new Map<string, Promise<Waiting>>()
  private readonly replayer: Replayer | undefined

  constructor(
    readonly cache: NearCache | undefined,
    private readonly journal: Journal | undefined,
    private readonly serialization: Serialization,
    make: MakeWaiting,
  ) {
    this.replayer = journal && new Replayer(journal, serialization, make, (key) => this.made(key))
  }

  /** What the journal holds. */
  get journaled(): JournalStatus | undefined {
    return this.journal?.isOpen === true ? this.journal.status() : undefined
  }

  /** Redis is back: makes all that waits. */
  async replay(): Promise<void> {
    if (this.journal?.isOpen === true) await this.replayer?.replayAll()
  }

  /** Whether writes to the session wait in the journal. */
  hasWaiting(key: string): boolean {
    return this.journal?.isOpen === true && this.journal.has(key)
  }

  /** Makes the writes that wait: what is called now comes behind them. @throws MemoryError when Redis is still away */
  async makeWaiting(key: string, deadline: Deadline): Promise<void> {
    if (this.replayer === undefined) return
    try {
      await deadline.race(this.replayer.replay(key))
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error
      throw new MemoryTimeoutError(
        `the writes to the session that wait in the journal took longer: ${error.message}`,
        'no',
      )
    }
  }

  /** The writes of a session were made, as far as they could be: what is there must be read anew. */
  private made(key: string): void {
    if (this.hasWaiting(key)) return
    this.waiting.delete(key)
    this.cache?.forget(key)
  }

  /**
   * What a read answers while Redis is away.
   *
   * @throws the error, when this process does not know what the read asks for
   */
  async answer(error: unknown, target: SessionTarget, request: WindowRequest): Promise<FoundRecords> {
    const { cache } = this
    if (cache === undefined || !isOutage(error)) throw error
    const { key, userId } = target
    await this.waitingOf(target)
    const answer = cache.answer(key, userId, request)
    if (answer === undefined) throw error
    return { ...answer.found, staleMs: Math.round(answer.ageMs) }
  }

  /**
   * Keeps a write in the journal that Redis did not make.
   *
   * @throws the error, when there is no journal; MemoryFullError when the journal is full
   */
  async keep(
    error: unknown,
    target: SessionTarget,
    operationId: string,
    write: Omit<WaitingWrite, 'target' | 'unanswered'>,
  ): Promise<JournaledWrite> {
    const { journal } = this
    if (journal === undefined || !(error instanceof MemoryError) || !isOutage(error)) throw error
    const { key, id, tenant, userId } = target
    const waiting = await this.waitingOf(target)
    const digest = hash('sha256', `${write.content.kind}\n${write.canonical}`)
    if (waiting.get(operationId) === digest) return { stored: 'journal', operationId }
    const whole = { ...write, target: { id, tenant, userId }, unanswered: error.executed === 'unknown' }
    const text = sealWaiting(this.serialization.of(key), operationId, whole)
    waiting.set(operationId, digest)
    try {
      await journal.add({ session: key, operationId, at: Date.now(), text })
    } catch (cause) {
      waiting.delete(operationId)
      if (!(cause instanceof MemoryFullError)) throw cause
      const details = { sessionId: id, operationId, cause }
      throw new MemoryFullError('JOURNAL_FULL', cause.message, details, error.executed)
    }
    this.show(target, operationId, whole)
    return { stored: 'journal', operationId }
  }

  /**
   * The writes of the session that wait. Whoever asks while they are read for the first time gets them at the same time: calls
   * keep their order.
   */
  private waitingOf(target: SessionTarget): Promise<Waiting> {
    const { key } = target
    let waiting = this.waiting.get(key)
    if (waiting === undefined) {
      waiting = this.readWaiting(target)
      this.waiting.set(key, waiting)
      waiting.catch(() => this.waiting.delete(key))
    }
    return waiting
  }

  /** Puts the writes of the journal into the cache that are not there yet: those of an earlier process. */
  private async readWaiting(target: SessionTarget): Promise<Waiting> {
    const { key } = target
    const waiting: Waiting = new Map()
    if (this.journal === undefined || !this.journal.has(key)) return waiting
    const codec = this.serialization.of(key)
    const entries = await this.journal.entriesOf(key)
    await codec.envelope.prepare(entries.map(({ text }) => text))
    for (const { operationId, text } of entries) {
      waiting.set(operationId, '')
      this.show(target, operationId, openWaiting(codec, operationId, text))
    }
    return waiting
  }

  private show(target: SessionTarget, operationId: string, write: WaitingWrite): void {
    if (this.cache !== undefined) showWaiting(this.cache, this.serialization.of(target.key), target, operationId, write)
  }
}
