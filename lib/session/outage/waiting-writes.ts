import { hash } from 'node:crypto'
import type { Journal } from '../../resilience/journal/journal.js'
import type { RecordCodec } from '../../serialization/record-codec.js'
import type { Serialization } from '../../serialization/serialization.js'
import type { NearCache } from '../near-cache/near-cache.js'
import { showWaiting } from './show-waiting.js'
import { openWaiting, type WaitingWrite } from './write-content.js'

/** A write that waits in the journal, or is being written there. */
export interface Kept {
  /** Of what the caller gave. */
  readonly digest: string
  readonly onDisk: Promise<unknown>
}

/** By operation id. */
export type Waiting = Map<string, Kept>

/** Resolves when the keys for what is read of a session are at hand. */
export type Prepare = (codec: RecordCodec, texts: Iterable<string>) => Promise<void>

/** The writes that wait in the journal, of the sessions that are asked for; where there is a cache, they are shown in it. */
export class WaitingWrites {
  private readonly waiting = new Map<string, Promise<Waiting>>()
  /** Of those, the ones that were read to the end. */
  private readonly shown = new Set<Promise<Waiting>>()

  constructor(
    private readonly journal: Journal | undefined,
    private readonly cache: NearCache | undefined,
    private readonly serialization: Serialization,
    private readonly prepare: Prepare,
  ) {}

  /** Whether the session has any. */
  has(key: string): boolean {
    return this.journal?.isOpen === true && this.journal.has(key)
  }

  /** Those of a session; `undefined` when they cannot be read. */
  async of(key: string): Promise<Waiting | undefined> {
    try {
      return await this.read(key)
    } catch {
      return undefined
    }
  }

  /** Whether the cache shows all that there are. */
  async areShown(key: string): Promise<boolean> {
    return !this.has(key) || (await this.of(key)) !== undefined
  }

  /** What was read anew meanwhile may have it already; and it may have been made. */
  async showKept(
    waiting: Waiting,
    entry: number,
    key: string,
    operationId: string,
    write: WaitingWrite,
  ): Promise<void> {
    const present = await this.of(key)
    if (present === undefined || this.journal?.isWaiting(entry) !== true) return
    if (present !== waiting && present.has(operationId)) return
    const kept = waiting.get(operationId)
    if (kept !== undefined) present.set(operationId, kept)
    this.show(key, operationId, write)
  }

  forget(key: string): void {
    const waiting = this.waiting.get(key)
    if (waiting === undefined) return
    this.shown.delete(waiting)
    this.waiting.delete(key)
  }

  /**
   * Whoever asks while they are read for the first time gets them at the same time: calls keep their order. They are read again
   * when the cache has lost them.
   */
  private read(key: string): Promise<Waiting> {
    let waiting = this.waiting.get(key)
    const isGone = waiting !== undefined && this.shown.has(waiting) && this.cache?.has(key) === false
    if (waiting === undefined || isGone) {
      this.forget(key)
      const reading = this.readAll(key)
      waiting = reading
      this.waiting.set(key, reading)
      reading.then(
        () => this.waiting.get(key) === reading && this.shown.add(reading),
        () => this.waiting.get(key) === reading && this.forget(key),
      )
    }
    return waiting
  }

  /** Puts those into the cache that are not there yet. */
  private async readAll(key: string): Promise<Waiting> {
    const waiting: Waiting = new Map()
    const { journal } = this
    if (journal === undefined || !this.has(key)) return waiting
    const codec = this.serialization.of(key)
    const entries = await journal.entriesOf(key)
    await this.prepare(
      codec,
      entries.map(({ text }) => text),
    )
    const writes = entries.map(({ operationId, text }) => openWaiting(codec, operationId, text))
    for (const [place, { id, operationId }] of entries.entries()) {
      if (!journal.isWaiting(id)) continue
      const write = writes[place]!
      const digest = digestOf(write)
      // Of a repetition there is one.
      if (waiting.get(operationId)?.digest === digest) continue
      waiting.set(operationId, { digest, onDisk: Promise.resolve() })
      this.show(key, operationId, write)
    }
    return waiting
  }

  private show(key: string, operationId: string, write: WaitingWrite): void {
    if (this.cache !== undefined) showWaiting(this.cache, this.serialization.of(key), key, operationId, write)
  }
}

/** Of what the caller gave. */
export const digestOf = ({ content, canonical }: WaitingWrite): string =>
  hash('sha256', `${content.kind}\n${canonical}`)
