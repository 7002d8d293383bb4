import { MemoryCorruptError } from '../errors/memory-corrupt.error.js'
import type { Version } from '../model/record.interface.js'
import { parseDuration } from '../options/duration.js'
import { writeStateScript } from '../redis/scripts/scripts.generated.js'
import { formatPath } from '../serialization/codec.errors.js'
import type { Codec } from '../serialization/codec.interface.js'
import { encodeStateValue } from '../serialization/state-record.js'
import { operation } from './operation.js'
import type {
  PatchOf,
  SessionState,
  StateValues,
  StateWriteOptions,
  StateWriteResult,
} from './session-state.interface.js'
import type { SessionStore } from './session-store.js'
import { readWindow } from './session-window.js'
import { validateBytes } from './validation/validate-bytes.js'
import { VERSION, operationId, validateOptions, version, type Rule } from './validation/validate-call.js'
import { fieldName, validateFieldNames, validateValues } from './validation/validate-state.js'

/** A session has at most this many state fields: they are typed values, not a table. */
const MAX_FIELDS = 1_000

type FieldWrite = readonly [
  mode: 'set' | 'patch' | 'delete' | 'check',
  field: string,
  /** '' for any. */
  expected: Version,
  ttl: number | '',
  index: string,
  payload: string,
]

export class RedisSessionState<State> implements SessionState<State> {
  constructor(
    private readonly store: SessionStore,
    private readonly codec: Codec,
  ) {}

  async get(): Promise<StateValues<State>> {
    const { window } = await readWindow(this.store, this.codec, { state: 'all' })
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
    const { window } = await readWindow(this.store, this.codec, { state: [field] })
    const [corrupt] = window?.corrupt ?? []
    if (corrupt !== undefined) {
      throw new MemoryCorruptError(`a state value cannot be read: ${corrupt.reason}`, {
        sessionId: this.store.target.id,
        path: formatPath('state', [field]),
      })
    }
    return window?.state.get(field)?.value as State[Field] | undefined
  }

  set(values: Partial<State>, options?: StateWriteOptions<State>): Promise<StateWriteResult<State>> {
    return this.put('set', values, options)
  }

  patch(values: PatchOf<State>, options?: StateWriteOptions<State>): Promise<StateWriteResult<State>> {
    return this.put('patch', values, options)
  }

  async delete(
    fields: readonly (keyof State & string)[],
    options?: Omit<StateWriteOptions<State>, 'ttl'>,
  ): Promise<StateWriteResult<State>> {
    validateFieldNames(fields, MAX_FIELDS)
    validateOptions(options, 'options', { operationId, expectedVersions: versions })
    const unique = [...new Set(fields)].toSorted()
    const writes = unique.map((field): FieldWrite => ['delete', field, expectedOf(options, field), '', '-', ''])
    return this.write('state.delete', JSON.stringify(unique), writes, options)
  }

  private async put(
    mode: 'set' | 'patch',
    values: object,
    options: StateWriteOptions<State> | undefined,
  ): Promise<StateWriteResult<State>> {
    validateValues(values, MAX_FIELDS)
    validateOptions(options, 'options', { operationId, expectedVersions: versions, ttl })
    const fieldTtl = options?.ttl === undefined ? '' : milliseconds(options.ttl)
    const canonical: string[] = [String(fieldTtl)]
    const writes: FieldWrite[] = []
    for (const [field, value] of Object.entries(values)) {
      const path = formatPath('values', [field])
      const encoded = encodeStateValue(this.codec, value, path)
      validateBytes(encoded.payload, this.store.options.session.maxMessageBytes, path)
      canonical.push(`${JSON.stringify(field)}:${encoded.canonical}`)
      writes.push([mode, field, expectedOf(options, field), fieldTtl, encoded.index, encoded.payload])
    }
    return this.write(`state.${mode}`, canonical.toSorted().join('\n'), writes, options)
  }

  private async write(
    kind: string,
    canonical: string,
    writes: readonly FieldWrite[],
    options: Pick<StateWriteOptions<State>, 'operationId' | 'expectedVersions'> | undefined,
  ): Promise<StateWriteResult<State>> {
    const { maxBytes, maxMessageBytes, onFull } = this.store.options.session
    const reply = await this.store.write(
      writeStateScript,
      operation(options?.operationId, kind, canonical),
      undefined,
      [maxBytes, onFull, MAX_FIELDS, maxMessageBytes, ...[...writes, ...checksBeside(writes, options)].flat()],
    )
    const written = reply[0] === 'NOTHING' ? '0' : String(reply[1])
    return {
      stored: 'redis',
      version: written,
      versions: Object.fromEntries(
        writes.map(([mode, field]) => [field, mode === 'delete' ? '0' : written]),
      ) as StateWriteResult<State>['versions'],
      duplicate: reply[0] === 'DUPLICATE',
      trimmed: Number(reply[2] ?? 0),
    }
  }
}

const expectedOf = (options: { expectedVersions?: object } | undefined, field: string): Version => {
  const { expectedVersions } = options ?? {}
  return expectedVersions !== undefined && Object.hasOwn(expectedVersions, field)
    ? ((expectedVersions as Record<string, Version | undefined>)[field] ?? '')
    : ''
}

/** Versions are also expected of fields that are only read: a total rests on the items it was counted from. */
const checksBeside = (
  writes: readonly FieldWrite[],
  options: { expectedVersions?: object } | undefined,
): FieldWrite[] => {
  const written = new Set(writes.map(([, field]) => field))
  return Object.keys(options?.expectedVersions ?? {})
    .filter((field) => !written.has(field) && expectedOf(options, field) !== '')
    .map((field) => ['check', field, expectedOf(options, field), '', '-', ''])
}

const milliseconds = (duration: string): number | '' => {
  const parsed = parseDuration(duration)
  return 'ms' in parsed ? parsed.ms : ''
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
