import { MemoryCorruptError } from '../../errors/memory-corrupt.error.js'
import type { ReadOptions } from '../../model/read-options.interface.js'
import type { Version } from '../../model/record.interface.js'
import { parseDuration } from '../../options/duration.js'
import type { Deadline } from '../../redis/deadline.js'
import { formatPath } from '../../serialization/codec.errors.js'
import { answered, observed, wrote } from '../observed.decorator.js'
import type { Operation } from '../operation.js'
import type { Replayed } from '../outage/replayer.js'
import type { ContentField, WriteContent } from '../outage/write-content.js'
import { readFromOf } from '../read-records.js'
import type { SessionRecords } from '../session-records.js'
import type { SessionStore } from '../session-store.js'
import { readWindow, staleness } from '../session-window.js'
import {
  VERSION,
  operationId,
  positiveInteger,
  readFrom,
  validateOptions,
  version,
  type Rule,
} from '../validation/validate-call.js'
import { fieldName, validateFieldNames, validateValues } from '../validation/validate-state.js'
import { beginWrite, writeOrKeep, type WriteCall } from '../write-in-order.js'
import { ttlOf } from './field-write.js'
import { canonicalOf, readOnce, type GivenValue } from './given-value.js'
import type {
  PatchOf,
  SessionState,
  StateValues,
  StateWriteOptions,
  StateWriteResult,
  StoredStateWrite,
} from './session-state.interface.js'
import { MAX_FIELDS, StateWriter, type StateAnswer, type StateChange } from './state-writer.js'

export class RedisSessionState<State> implements SessionState<State> {
  private readonly writer: StateWriter

  constructor(
    private readonly store: SessionStore,
    private readonly records: SessionRecords,
  ) {
    this.writer = new StateWriter(store, records)
  }

  @observed('state.get', answered)
  async get(options?: ReadOptions): Promise<StateValues<State>> {
    validateOptions(options, 'options', { readFrom })
    const deadline = this.store.deadline()
    const { window } = await readWindow(this.store, this.records, { state: 'all' }, deadline, readFromOf(options))
    const fields = [...(window?.state ?? [])]
    return {
      values: Object.fromEntries(fields.map(([field, { value }]) => [field, value])) as Partial<State>,
      versions: Object.fromEntries(
        fields.map(([field, read]) => [field, read.version]),
      ) as StateValues<State>['versions'],
      ...staleness(window),
      corrupt: window?.corrupt ?? [],
    }
  }

  @observed('state.value')
  async value<Field extends keyof State & string>(field: Field): Promise<State[Field] | undefined> {
    fieldName(field, 'field')
    const { window } = await readWindow(this.store, this.records, { state: [field] }, undefined, 'fresh')
    const [corrupt] = window?.corrupt ?? []
    if (corrupt !== undefined) {
      throw new MemoryCorruptError(`a state value cannot be read: ${corrupt.reason}`, {
        sessionId: this.store.target.id,
        path: formatPath('state', [field]),
      })
    }
    return window?.state.get(field)?.value as State[Field] | undefined
  }

  @observed('state.set', wrote)
  async set(values: Partial<State>, options?: StateWriteOptions<State>): Promise<StateWriteResult<State>> {
    const given = this.given(values, options)
    const call = beginWrite(this.store, options)
    const { deadline } = call
    const snapshot = Object.fromEntries(given.map(({ field, value }) => [field, value]))
    const checked = this.records.check(snapshot, deadline, call.operationId)
    // It may fail before it is waited for.
    checked?.catch(() => undefined)
    const late = lateKind(contentOf('state.set', given, options), options)
    const set = async (named: Operation): Promise<StateAnswer> => {
      if (checked !== undefined) await checked
      return this.writer.set(given, { named, deadline, ...under(options) })
    }
    return this.write(call, late, canonicalOf(given, options), set, checked)
  }

  @observed('state.patch', wrote)
  async patch(values: PatchOf<State>, options?: StateWriteOptions<State>): Promise<StateWriteResult<State>> {
    const given = this.given(values, options)
    const call = beginWrite(this.store, options)
    const { deadline } = call
    const late = lateKind(contentOf('state.patch', given, options), options)
    return this.write(call, late, canonicalOf(given, options), (named) =>
      this.writer.patch(given, { named, deadline, ...under(options) }),
    )
  }

  @observed('state.delete', wrote)
  async delete(
    fields: readonly (keyof State & string)[],
    options?: Omit<StateWriteOptions<State>, 'ttl'>,
  ): Promise<StateWriteResult<State>> {
    validateFieldNames(fields, MAX_FIELDS)
    validateOptions(options, 'options', { operationId, expectedVersions: versions, fence: positiveInteger })
    const names = [...new Set(fields)].toSorted()
    const call = beginWrite(this.store, options)
    const { deadline } = call
    return this.write(call, lateKind({ kind: 'state.delete', names }, options), JSON.stringify(names), (named) =>
      this.writer.delete(names, { named, deadline, ...under(options) }),
    )
  }

  /** Makes a write that waited in the journal. @throws MemoryError */
  async makeLate(
    named: Operation,
    content: Exclude<WriteContent, { kind: 'append' }>,
    { calledAt, age, known, deadline }: LateCall,
  ): Promise<Omit<Replayed, 'calledAt'> & { readonly duplicate: boolean }> {
    const change: StateChange = { named, deadline, late: { calledAt, known }, ttl: '' }
    const { reply } = await (content.kind === 'state.delete'
      ? this.writer.delete(content.names, change)
      : this.makeValuesLate(content, { ...change, ttl: content.ttl === '' ? '' : Math.max(1, content.ttl - age) }))
    const outdated = reply[0] === 'STORED' ? reply.slice(5).map(String) : []
    return { duplicate: reply[0] === 'DUPLICATE', seqs: [], behind: 0, outdated }
  }

  private write(
    call: WriteCall,
    late: LateKind,
    canonical: string,
    write: (named: Operation) => Promise<StateAnswer>,
    checked?: Promise<void>,
  ): Promise<StateWriteResult<State>> {
    const make = async (named: Operation): Promise<StoredStateWrite<State>> => resultOf<State>(await write(named))
    // A patch that the server cannot merge is merged here, with what it answers.
    const { content, mayWait } = late
    const kind = { name: content.kind, content, mayWait, mayReadFirst: content.kind === 'state.patch' }
    return writeOrKeep(this.store, this.records, call, kind, canonical, make, checked)
  }

  private makeValuesLate(
    { kind, fields }: { readonly kind: 'state.set' | 'state.patch'; readonly fields: readonly ContentField[] },
    change: StateChange,
  ): Promise<StateAnswer> {
    const values = fields.map(({ field, index, text }) => ({ field, encoded: { index, text } }))
    return kind === 'state.set' ? this.writer.set(values, change) : this.writer.patch(values, change)
  }

  private given(values: object, options: StateWriteOptions<State> | undefined): GivenValue[] {
    validateValues(values, MAX_FIELDS)
    validateOptions(options, 'options', { operationId, expectedVersions: versions, ttl, fence: positiveInteger })
    return Object.keys(values).map((field) => {
      const value = readOnce(values, field)
      return { field, value, encoded: this.writer.encode(field, value) }
    })
  }
}

/** A call whose write is made late. */
interface LateCall {
  /** By the server's clock, in ms. */
  readonly calledAt: number
  /** How long ago that was, in ms. */
  readonly age: number
  /** The version of the session that the caller knew. */
  readonly known: Version | undefined
  readonly deadline: Deadline
}

type Options = StateWriteOptions | undefined

const under = (options: Options): Pick<StateChange, 'expectedVersions' | 'ttl'> => {
  const { expectedVersions } = options ?? {}
  return { expectedVersions, ttl: ttlOf(options) }
}

interface LateKind {
  readonly content: WriteContent
  readonly mayWait: boolean
}

/** What rests on versions or a lock cannot wait: nobody knows whether it holds. */
const lateKind = (content: WriteContent, options: Options): LateKind => {
  const { expectedVersions, fence } = options ?? {}
  const expects = Object.values(expectedVersions ?? {}).some((expected) => expected !== undefined)
  return { content, mayWait: fence === undefined && !expects }
}

const contentOf = (
  kind: 'state.set' | 'state.patch',
  given: readonly GivenValue[],
  options: Options,
): WriteContent => ({
  kind,
  fields: given.map(({ field, encoded: { index, text } }) => ({ field, index, text })),
  ttl: ttlOf(options),
})

const resultOf = <State>({ writes, reply }: StateAnswer): StoredStateWrite<State> => {
  const written = reply[0] === 'NOTHING' ? '0' : String(reply[1])
  return {
    stored: 'redis',
    version: written,
    versions: Object.fromEntries(
      writes.map(([mode, field]) => [field, mode === 'delete' ? '0' : written]),
    ) as StoredStateWrite<State>['versions'],
    duplicate: reply[0] === 'DUPLICATE',
    trimmed: Number(reply[3] ?? 0),
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
