import { MemoryCorruptError } from '../../errors/memory-corrupt.error.js'
import { MemoryError } from '../../errors/memory.error.js'
import type { Version } from '../../model/record.interface.js'
import { parseDuration } from '../../options/duration.js'
import type { Deadline } from '../../redis/deadline.js'
import { writeStateScript } from '../../redis/scripts/scripts.generated.js'
import { formatPath } from '../../serialization/codec.errors.js'
import { encodeStateValue, sealStateValue, type EncodedStateValue } from '../../serialization/state-record.js'
import { canonicalOf, mergeValues, readOnce, type GivenValue } from './given-value.js'
import { checksBeside, expectedOf, ttlOf, type FieldWrite } from './field-write.js'
import type { Operation } from '../operation.js'
import type { SessionRecords } from '../session-records.js'
import type {
  PatchOf,
  SessionState,
  StateValues,
  StateWriteOptions,
  StateWriteResult,
} from './session-state.interface.js'
import type { SessionStore } from '../session-store.js'
import { readWindow } from '../session-window.js'
import { beginWrite, writeInOrder } from '../write-in-order.js'
import { validateBytes } from '../validation/validate-bytes.js'
import {
  VERSION,
  operationId,
  positiveInteger,
  validateOptions,
  version,
  type Rule,
} from '../validation/validate-call.js'
import { fieldName, validateFieldNames, validateValues } from '../validation/validate-state.js'

/** A session has at most this many state fields: they are typed values, not a table. */
const MAX_FIELDS = 1_000

export class RedisSessionState<State> implements SessionState<State> {
  constructor(
    private readonly store: SessionStore,
    private readonly records: SessionRecords,
  ) {}

  async get(): Promise<StateValues<State>> {
    const { window } = await readWindow(this.store, this.records, { state: 'all' })
    const fields = [...(window?.state ?? [])]
    return {
      values: Object.fromEntries(fields.map(([field, { value }]) => [field, value])) as Partial<State>,
      versions: Object.fromEntries(
        fields.map(([field, read]) => [field, read.version]),
      ) as StateValues<State>['versions'],
      stale: false,
      corrupt: window?.corrupt ?? [],
    }
  }

  async value<Field extends keyof State & string>(field: Field): Promise<State[Field] | undefined> {
    fieldName(field, 'field')
    const { window } = await readWindow(this.store, this.records, { state: [field] })
    const [corrupt] = window?.corrupt ?? []
    if (corrupt !== undefined) {
      throw new MemoryCorruptError(`a state value cannot be read: ${corrupt.reason}`, {
        sessionId: this.store.target.id,
        path: formatPath('state', [field]),
      })
    }
    return window?.state.get(field)?.value as State[Field] | undefined
  }

  async set(values: Partial<State>, options?: StateWriteOptions<State>): Promise<StateWriteResult<State>> {
    const given = this.given(values, options)
    const call = beginWrite(this.store, options)
    const { deadline } = call
    const snapshot = Object.fromEntries(given.map(({ field, value }) => [field, value]))
    const checked = this.records.check(snapshot, deadline, call.operationId)
    // It may fail before it is waited for.
    checked?.catch(() => undefined)
    return writeInOrder(
      this.store,
      this.records,
      call,
      { name: 'state.set' },
      canonicalOf(given, options),
      async (named) => {
        if (checked !== undefined) await checked
        return this.write(
          named,
          given.map((value) => this.fieldWrite('set', value, options)),
          options,
          deadline,
        )
      },
    )
  }

  async patch(values: PatchOf<State>, options?: StateWriteOptions<State>): Promise<StateWriteResult<State>> {
    const given = this.given(values, options)
    const call = beginWrite(this.store, options)
    const { deadline } = call
    return writeInOrder(
      this.store,
      this.records,
      call,
      { name: 'state.patch' },
      canonicalOf(given, options),
      async (named) => {
        const merge = (): Promise<StateWriteResult<State>> => this.mergeAndWrite(named, given, options, deadline)
        if (this.records.typed) return merge()
        return this.write(
          named,
          given.map((value) => this.fieldWrite('patch', value, options)),
          options,
          deadline,
          merge,
        )
      },
    )
  }

  async delete(
    fields: readonly (keyof State & string)[],
    options?: Omit<StateWriteOptions<State>, 'ttl'>,
  ): Promise<StateWriteResult<State>> {
    validateFieldNames(fields, MAX_FIELDS)
    validateOptions(options, 'options', { operationId, expectedVersions: versions, fence: positiveInteger })
    const unique = [...new Set(fields)].toSorted()
    const call = beginWrite(this.store, options)
    const { deadline } = call
    return writeInOrder(this.store, this.records, call, { name: 'state.delete' }, JSON.stringify(unique), (named) => {
      const writes = unique.map((field): FieldWrite => ['delete', field, expectedOf(options, field), '', '-', '', ''])
      return this.write(named, writes, options, deadline)
    })
  }

  private given(values: object, options: StateWriteOptions<State> | undefined): GivenValue[] {
    validateValues(values, MAX_FIELDS)
    validateOptions(options, 'options', { operationId, expectedVersions: versions, ttl, fence: positiveInteger })
    return Object.keys(values).map((field) => {
      const value = readOnce(values, field)
      return { field, value, encoded: this.encode(field, value) }
    })
  }

  private encode(field: string, value: unknown): EncodedStateValue {
    const path = formatPath('values', [field])
    const encoded = encodeStateValue(this.records.codec.codec, value, path)
    validateBytes(encoded.text, this.store.options.session.maxMessageBytes, path)
    return encoded
  }

  private fieldWrite(
    mode: 'set' | 'patch' | 'merged',
    { field, encoded }: Omit<GivenValue, 'value'>,
    options: StateWriteOptions<State> | undefined,
    base: Version = '',
  ): FieldWrite {
    const { index, payload } = sealStateValue(this.records.codec, encoded, field)
    return [mode, field, expectedOf(options, field), ttlOf(options), index, payload, base]
  }

  /**
   * A patch that only this side can make: what is stored is encrypted, compressed, refers to itself, or has to fit a schema.
   * When another writer changes it in between, it is read and merged anew.
   */
  private async mergeAndWrite(
    named: Operation,
    given: readonly GivenValue[],
    options: StateWriteOptions<State> | undefined,
    deadline: Deadline,
  ): Promise<StateWriteResult<State>> {
    try {
      const writes = await this.merged(named, given, options, deadline)
      return await this.write(named, writes, options, deadline, () =>
        this.mergeAndWrite(named, given, options, deadline),
      )
    } catch (error) {
      if (!(error instanceof MemoryError) || error.executed !== 'no' || error.retryable) throw error
      // It may be done already, and fail only by what became of the value since: nothing else has that version.
      const ask = given.map(({ field }): FieldWrite => ['merged', field, '', '', '-', '', '-'])
      return this.write(named, ask, undefined, deadline, () => Promise.reject(error))
    }
  }

  /** @throws MemoryError for a stored value that cannot be read, and for a merged one that cannot be written */
  private async merged(
    named: Operation,
    given: readonly GivenValue[],
    options: StateWriteOptions<State> | undefined,
    deadline: Deadline,
  ): Promise<FieldWrite[]> {
    const fields = given.map(({ field }) => field)
    const { window } = await readWindow(this.store, this.records, { state: fields }, deadline)
    const [corrupt] = window?.corrupt ?? []
    if (corrupt !== undefined) {
      throw new MemoryCorruptError(
        'the value to patch cannot be read; set it as a whole, or see session.quarantine()',
        { sessionId: this.store.target.id, operationId: named.id, path: formatPath('values', [corrupt.field!]) },
      )
    }
    const { codec } = this.records.codec
    const values = given.map(({ field, encoded }) => {
      const stored = window?.state.get(field)
      // As it was when the call was made, whatever the caller did to the object since.
      const value = codec.decode(encoded.text)
      return { field, value: mergeValues(stored?.value, value), base: stored?.version ?? '0' }
    })
    await this.records.check(Object.fromEntries(values.map(({ field, value }) => [field, value])), deadline, named.id)
    return values.map(({ field, value, base }) =>
      this.fieldWrite('merged', { field, encoded: this.encode(field, value) }, options, base),
    )
  }

  /** @param merge what to do when the server cannot merge a patch, or has another value by now */
  private async write(
    named: Operation,
    writes: readonly FieldWrite[],
    options: Pick<StateWriteOptions<State>, 'expectedVersions'> | undefined,
    deadline: Deadline,
    merge?: () => Promise<StateWriteResult<State>>,
  ): Promise<StateWriteResult<State>> {
    const { maxBytes, maxMessageBytes, onFull } = this.store.options.session
    const args = [
      maxBytes,
      onFull,
      MAX_FIELDS,
      maxMessageBytes,
      '',
      ...[...writes, ...checksBeside(writes, options)].flat(),
    ]
    const reply = await this.store.write(writeStateScript, named, undefined, args, deadline)
    if (reply[0] === 'MERGE' && merge !== undefined) return merge()
    const written = reply[0] === 'NOTHING' ? '0' : String(reply[1])
    return {
      stored: 'redis',
      version: written,
      versions: Object.fromEntries(
        writes.map(([mode, field]) => [field, mode === 'delete' ? '0' : written]),
      ) as StateWriteResult<State>['versions'],
      duplicate: reply[0] === 'DUPLICATE',
      trimmed: Number(reply[3] ?? 0),
    }
  }
}

const ttl: Rule = (value) => {
  const parsed = parseDuration(value)
  return 'ms' in parsed ? undefined : parsed.problem
}

const versions: Rule = (value) =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length <= MAX_FIELDS &&
  Object.values(value).every((item) => item === undefined || version(item) === undefined)
    ? undefined
    : `an object with, for each field, ${VERSION}`
