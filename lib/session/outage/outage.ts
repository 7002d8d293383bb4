import { Logger } from '@nestjs/common'
import { performance } from 'node:perf_hooks'
import { MemoryFullError } from '../../errors/memory-full.error.js'
import { MemoryTimeoutError } from '../../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../../errors/memory-unavailable.error.js'
import { MemoryError } from '../../errors/memory.error.js'
import type { MemoryTelemetry } from '../../observability/memory-telemetry.js'
import { Deadline, DeadlineExceeded } from '../../redis/deadline.js'
import type { JournalStatus } from '../../resilience/journal/journal-entry.interface.js'
import type { Journal } from '../../resilience/journal/journal.js'
import { KeyUnavailable } from '../../serialization/envelope/key-unavailable.js'
import type { RecordCodec } from '../../serialization/record-codec.js'
import type { Serialization } from '../../serialization/serialization.js'
import type { RecentWrite } from '../healing/recent-write.interface.js'
import { parseLife } from '../life.js'
import type { NearCache } from '../near-cache/near-cache.js'
import { refusal } from '../refusal.js'
import type { FoundRecords, WindowRequest } from '../window-request.interface.js'
import type { SessionTarget } from '../session-target.interface.js'
import type { InOrder } from '../write-order.js'
import { isOutage } from './is-outage.js'
import type { JournaledWrite } from './journaled-write.interface.js'
import { Replayer, type MakeWaiting } from './replayer.js'
import { digestOf, WaitingWrites, type Kept } from './waiting-writes.js'
import { sealWaiting, type WaitingWrite } from './write-content.js'

/** How long the disk of the journal is waited for at the least, in ms: less would be no time for a busy machine. */
const MIN_DISK_TIME = 400
/** How long after it failed while there was a connection a replay is tried again, in ms. */
const AGAIN_AFTER = 1_000

/** What of Redis and of time an outage has to know. */
export interface OutageTerms {
  /** Whether there is a connection. */
  readonly isUp: () => boolean
  /** Whether a session is of this memory: the journal may hold those of others as well. */
  readonly isOwn: (key: string) => boolean
  /** What is waited for the keys of encryption at the most, in ms. */
  readonly patience: number
  readonly telemetry: MemoryTelemetry
}

/**
 * What becomes of calls while Redis is away: reads are answered from what this process saw and wrote last, and writes are kept
 * in the journal, as far as the options say so.
 */
export class Outage {
  private readonly waiting: WaitingWrites
  private readonly replayer: Replayer | undefined
  private again: NodeJS.Timeout | undefined

  constructor(
    readonly cache: NearCache | undefined,
    private readonly journal: Journal | undefined,
    private readonly serialization: Serialization,
    make: MakeWaiting,
    private readonly terms: OutageTerms,
  ) {
    this.waiting = new WaitingWrites(journal, cache, serialization, (codec, texts) => this.prepare(codec, texts))
    this.replayer = journal && new Replayer(journal, serialization, make, (key) => this.made(key), terms)
  }

  /** What the journal holds. */
  get journaled(): JournalStatus | undefined {
    return this.journal?.isOpen === true ? this.journal.status() : undefined
  }

  /** Redis is back: makes all that waits. */
  async replay(): Promise<void> {
    if (this.journal?.isOpen !== true) return
    await this.replayer?.replayAll(this.terms.isUp)
    if (this.replayer?.isDone === false) this.replaySoon()
  }

  /**
   * What was kept while there was a connection, or could not be made, is not left until there is another one: a server that
   * refused writes for a while is back without it.
   */
  private replaySoon(): void {
    this.again ??= setTimeout(() => {
      this.again = undefined
      if (this.terms.isUp()) void this.replay()
    }, AGAIN_AFTER).unref()
  }

  /** Whether writes to the session wait in the journal. */
  hasWaiting(key: string): boolean {
    return this.waiting.has(key)
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
    this.waiting.forget(key)
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
    // What cannot be shown must not be left out.
    const answer = (await this.waiting.areShown(key)) ? cache.answer(key, userId, request) : undefined
    if (answer === undefined) throw error
    const { expires } = parseLife(answer.found.life)
    // It has come to its end since.
    if (expires > 0 && expires <= answer.found.now && !this.hasWaiting(key)) throw error
    return { ...answer.found, staleMs: Math.round(answer.ageMs) }
  }

  /**
   * Keeps a write in the journal that Redis did not make.
   *
   * @param inOrder has it kept behind those that were called before it
   * @throws the error, when there is no journal; MemoryFullError when the journal is full
   */
  async keep(
    error: unknown,
    target: SessionTarget,
    operationId: string,
    write: Omit<WaitingWrite, 'target' | 'unanswered'>,
    inOrder: InOrder,
  ): Promise<JournaledWrite> {
    const { journal } = this
    if (journal === undefined || !(error instanceof MemoryError) || !isOutage(error)) throw error
    const { key, id, tenant, userId } = target
    const whole = { ...write, target: { id, tenant, userId }, unanswered: error.executed === 'unknown' }
    const text = await this.seal(operationId, target, whole, error)
    // What cannot be shown is kept all the same.
    const waiting = (await this.waiting.of(key)) ?? new Map<string, Kept>()
    const digest = digestOf(whole)
    const before = waiting.get(operationId)
    if (before !== undefined && before.digest !== digest) {
      throw refusal(['REUSED'], { sessionId: id, operationId })
    }
    try {
      if (before !== undefined) {
        await this.onDisk(before.onDisk)
        return { stored: 'journal', operationId }
      }
      const adding = inOrder(() => journal.add({ session: key, operationId, at: Date.now(), text }))
      waiting.set(operationId, { digest, onDisk: adding })
      const entry = await this.onDisk(adding)
      this.terms.telemetry.journaled({ sessionId: id, tenant, operationId })
      this.replaySoon()
      await this.waiting.showKept(waiting, entry, key, operationId, whole)
    } catch (cause) {
      waiting.delete(operationId)
      if (!this.hasWaiting(key)) this.waiting.forget(key)
      const details = { sessionId: id, operationId, cause }
      if (cause instanceof DeadlineExceeded) {
        throw new MemoryTimeoutError(`the disk of the journal gave ${cause.message}`, 'unknown', details)
      }
      if (!(cause instanceof MemoryFullError)) throw cause
      // What the journal may have, and what Redis may have, may be made.
      const executed = cause.executed === 'unknown' ? 'unknown' : error.executed
      throw new MemoryFullError('JOURNAL_FULL', cause.message, details, executed)
    }
    return { stored: 'journal', operationId }
  }

  /**
   * Keeps writes in the journal that Redis acknowledged before it went away, and may not have when it is back: in front of those
   * that wait. Never rejects.
   *
   * @param sessions of each session the writes in their order
   */
  async keepLeft(sessions: readonly (readonly RecentWrite[])[]): Promise<void> {
    const { journal } = this
    if (journal?.isOpen !== true) return
    try {
      for (const writes of sessions) await this.keepInFront(journal, writes)
    } catch (error) {
      const reason = error instanceof MemoryError ? error.code : 'an encryption key cannot be had'
      Logger.error(
        `what may have to be made again could not be kept in the journal: ${reason}`,
        undefined,
        'AgentMemory',
      )
    }
  }

  private async keepInFront(journal: Journal, writes: readonly RecentWrite[]): Promise<void> {
    const { key } = writes[0]!.target
    const codec = this.serialization.of(key)
    await this.prepare(codec)
    const waiting = await journal.entriesOf(key)
    const added = writes.flatMap((write) => {
      const left = leftWrite(write)
      if (left === undefined) return []
      const { operationId, storedAt } = write
      const at = Math.round(Date.now() - (performance.now() - storedAt))
      return [journal.add({ session: key, operationId, at, text: sealWaiting(codec, operationId, left) })]
    })
    added.push(...waiting.map(({ id: _before, ...entry }) => journal.add(entry)))
    await Promise.all(added)
    await journal.remove(waiting.map(({ id }) => id))
  }

  /** A disk that hangs holds nobody up. */
  private onDisk<T>(adding: Promise<T>): Promise<T> {
    return new Deadline(Math.max(MIN_DISK_TIME, 2 * this.terms.patience)).race(adding)
  }

  /** @throws MemoryUnavailableError when there is no key to seal it with */
  private async seal(
    operationId: string,
    { key, id }: SessionTarget,
    write: WaitingWrite,
    error: MemoryError,
  ): Promise<string> {
    const codec = this.serialization.of(key)
    try {
      await this.prepare(codec)
      return sealWaiting(codec, operationId, write)
    } catch (cause) {
      if (!(cause instanceof KeyUnavailable || cause instanceof DeadlineExceeded)) throw cause
      const message = 'an encryption key cannot be had, so the write cannot be kept in the journal either'
      throw new MemoryUnavailableError(message, error.executed, { sessionId: id, operationId, cause })
    }
  }

  private async prepare({ envelope }: RecordCodec, texts?: Iterable<string>): Promise<void> {
    const ready = envelope.prepare(texts)
    if (ready !== undefined) await new Deadline(this.terms.patience).race(ready)
  }
}

/** As it waits in the journal; `undefined` for what cannot. */
const leftWrite = ({ target, content, canonical, seqs }: RecentWrite): WaitingWrite | undefined => {
  if (content.kind === 'clear' || content.kind === 'delete' || content.kind === 'summary.commit') return undefined
  const { id, tenant, userId } = target
  const lastSeq = seqs && seqs.from - 1
  return { target: { id, tenant, userId }, canonical, content, unanswered: true, lastSeq, known: undefined }
}
