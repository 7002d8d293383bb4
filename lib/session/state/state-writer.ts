import { MemoryCorruptError } from '../../errors/memory-corrupt.error.js'
import { MemoryError } from '../../errors/memory.error.js'
import type { Version } from '../../model/record.interface.js'
import type { Deadline } from '../../redis/deadline.js'
import type { ScriptReply } from '../../redis/run-script.js'
import { writeStateScript } from '../../redis/scripts/scripts.generated.js'
import { formatPath } from '../../serialization/codec.errors.js'
import { encodeStateValue, sealStateValue, type EncodedStateValue } from '../../serialization/state-record.js'
import type { Operation } from '../operation.js'
import { writeScript } from '../script-write.js'
import type { SessionRecords } from '../session-records.js'
import type { SessionStore } from '../session-store.js'
import { readWindow } from '../session-window.js'
import { validateBytes } from '../validation/validate-bytes.js'
import { checksBeside, expectedOf, type FieldWrite } from './field-write.js'
import { mergeValues } from './given-value.js'

/** A session has at most this many state fields: they are typed values, not a table. */
export const MAX_FIELDS = 1_000

/** A value for a field, as far as it is to be written. */
export interface FieldValue {
  readonly field: string
  readonly encoded: Pick<EncodedStateValue, 'index' | 'text'>
}

/** A write to state. */
export interface StateChange {
  readonly named: Operation
  readonly deadline: Deadline
  readonly expectedVersions?: object | undefined
  /** In ms. */
  readonly ttl: number | ''
  /**
   * Of a write that comes late: when it was called, by the server's clock, in ms, and the version of the session that the
   * caller knew. Fields written since are left alone.
   */
  readonly late?: { readonly calledAt: number; readonly known: Version | undefined }
}

/** What was sent last, and the answer to it. */
export interface StateAnswer {
  readonly writes: readonly FieldWrite[]
  readonly reply: ScriptReply
}

/** Sends writes of state, and merges patches that the server cannot. */
export class StateWriter {
  constructor(
    private readonly store: SessionStore,
    private readonly records: SessionRecords,
  ) {}

  /** @throws MemoryError */
  async set(values: readonly FieldValue[], change: StateChange): Promise<StateAnswer> {
    return this.write(this.writesOf('set', values, change), change)
  }

  /** @throws MemoryError */
  async patch(values: readonly FieldValue[], change: StateChange): Promise<StateAnswer> {
    const merge = (): Promise<StateAnswer> => this.mergeAndWrite(values, change)
    return this.records.typed ? merge() : this.write(this.writesOf('patch', values, change), change, merge)
  }

  /** @throws MemoryError */
  async delete(fields: readonly string[], change: StateChange): Promise<StateAnswer> {
    const writes = fields.map((field): FieldWrite => ['delete', field, expectedOf(change, field), '', '-', '', ''])
    return this.write(writes, change)
  }

  encode(field: string, value: unknown): EncodedStateValue {
    const path = formatPath('values', [field])
    const encoded = encodeStateValue(this.records.codec.codec, value, path)
    validateBytes(encoded.text, this.store.options.session.maxMessageBytes, path)
    return encoded
  }

  private writesOf(mode: 'set' | 'patch', values: readonly FieldValue[], change: StateChange): FieldWrite[] {
    return values.map((value) => this.fieldWrite(mode, value, change))
  }

  private fieldWrite(
    mode: 'set' | 'patch' | 'merged',
    { field, encoded }: FieldValue,
    change: StateChange,
    base: Version = '',
  ): FieldWrite {
    const { index, payload } = sealStateValue(this.records.codec, encoded, field)
    return [mode, field, expectedOf(change, field), change.ttl, index, payload, base]
  }

  /**
   * A patch that only this side can make: what is stored is encrypted, compressed, refers to itself, or has to fit a schema.
   * When another writer changes it in between, it is read and merged anew.
   */
  private async mergeAndWrite(values: readonly FieldValue[], change: StateChange): Promise<StateAnswer> {
    try {
      const writes = await this.merged(values, change)
      return await this.write(writes, change, () => this.mergeAndWrite(values, change))
    } catch (error) {
      if (!(error instanceof MemoryError) || error.executed !== 'no' || error.retryable) throw error
      // It may be done already, and fail only by what became of the value since: nothing else has that version.
      const ask = values.map(({ field }): FieldWrite => ['merged', field, '', '', '-', '', '-'])
      return this.write(ask, { ...change, expectedVersions: undefined }, () => Promise.reject(error))
    }
  }

  /** @throws MemoryError for a stored value that cannot be read, and for a merged one that cannot be written */
  private async merged(values: readonly FieldValue[], change: StateChange): Promise<FieldWrite[]> {
    const { named, deadline } = change
    const fields = values.map(({ field }) => field)
    const { window } = await readWindow(this.store, this.records, { state: fields }, deadline, 'redis')
    const [corrupt] = window?.corrupt ?? []
    if (corrupt !== undefined) {
      throw new MemoryCorruptError(
        'the value to patch cannot be read; set it as a whole, or see session.quarantine()',
        { sessionId: this.store.target.id, operationId: named.id, path: formatPath('values', [corrupt.field!]) },
      )
    }
    const { codec } = this.records.codec
    const merged = values.map(({ field, encoded }) => {
      const stored = window?.state.get(field)
      // As it was when the call was made, whatever the caller did to the object since.
      const value = codec.decode(encoded.text)
      return { field, value: mergeValues(stored?.value, value), base: stored?.version ?? '0' }
    })
    await this.records.check(Object.fromEntries(merged.map(({ field, value }) => [field, value])), deadline, named.id)
    return merged.map(({ field, value, base }) =>
      this.fieldWrite('merged', { field, encoded: this.encode(field, value) }, change, base),
    )
  }

  /** @param merge what to do when the server cannot merge a patch, or has another value by now */
  private async write(
    writes: readonly FieldWrite[],
    change: StateChange,
    merge?: () => Promise<StateAnswer>,
  ): Promise<StateAnswer> {
    const { named, deadline, late } = change
    const { maxBytes, maxMessageBytes, onFull } = this.store.options.session
    const fields = [...writes, ...checksBeside(writes, change)].flat()
    const args = [maxBytes, onFull, MAX_FIELDS, maxMessageBytes, late === undefined ? '' : madeAt(late), ...fields]
    const reply = await writeScript(this.store, writeStateScript, named, undefined, args, deadline)
    if (reply[0] === 'MERGE' && merge !== undefined) return merge()
    if (reply[0] === 'STORED') this.learn(writes, reply)
    return { writes, reply }
  }

  /** What stands in Redis now, where that can be told from here. */
  private learn(writes: readonly FieldWrite[], [, written, life, trimmed, now, ...outdated]: ScriptReply): void {
    const cache = this.store.taughtCache
    if (cache === undefined) return
    const { key } = this.store.target
    const version = String(written)
    const seen = { version, life: String(life), now: Number(now), trimmed: Number(trimmed) }
    if (outdated.length > 0 || writes.some(([mode]) => mode === 'patch' || mode === 'merged')) {
      const fields = writes.map(([, field]) => field)
      cache.forgetState(key, fields, seen)
      return
    }
    const records = writes
      .filter(([mode]) => mode === 'set')
      .map(([, field, , ttl, index, payload]): [string, string] => {
        const expires = ttl === '' ? 0 : Number(now) + ttl
        return [field, `1 ${version} ${String(now)} ${expires} ${index} ${payload}`]
      })
    const removed = writes.filter(([mode]) => mode === 'delete').map(([, field]) => field)
    cache.sawState(key, { ...seen, written: records, removed })
  }
}

const madeAt = ({ calledAt, known }: NonNullable<StateChange['late']>): string =>
  `${calledAt} ${Number.parseInt(known ?? '0', 10)}`
