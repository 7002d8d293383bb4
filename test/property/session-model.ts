import { createHash } from 'node:crypto'
import { expect } from '@jest/globals'
import { createTypes } from '../../lib/serialization/types/create-types.js'
import { countMessage } from '../../lib/context/count-message.js'
import { EstimatingTokenCounter } from '../../lib/context/token-estimator.js'
import type { Call, Outcome, Window } from './session-call.js'
import type { StoredSize } from './stored-size.js'
import { storedText, type StoredText } from './stored-text.js'

interface Stored {
  readonly seq: number
  readonly bytes: number
  readonly tokens: number
  readonly message: object
}

interface Field {
  readonly value: unknown
  readonly text: StoredText
  readonly version: string
  readonly expires: 'never' | 'later' | 'past'
}

export interface ModelSummary {
  readonly text: string
  readonly coversSeq: number
  readonly version: string
  readonly bytes: number
}

/** What stands beside the session: a summary, or the mark that there is none. */
export interface Copy {
  readonly counter: number
  readonly covers: number
  readonly summary: ModelSummary | undefined
  readonly user: string | undefined
}

interface Done {
  readonly digest: string
  readonly kind: Call['kind']
  readonly counter: number
  readonly version: string
  readonly number: number
}

export interface Caps {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly onFull: 'trim' | 'refuse'
}

const counter = new EstimatingTokenCounter()
const TIME = '1234567890123'
const ROLES = { system: 's', user: 'u', assistant: 'a', tool: 't' } as const
const OPERATIONS_A_BLOCK = 19
const BLOCKS = 8

const blockOf = (counted: number): number => Math.floor((counted - 1) / OPERATIONS_A_BLOCK)

const refuse = (error: string): Outcome => ({ error })

/** What one session must answer, said in memory: no I/O, no scripts, no records but their lengths. */
export class SessionModel {
  /** Of the hash, also of the one that a deletion leaves. */
  exists = false
  live = false
  v = 0
  q = 0
  /** The version counters of the last deletion and the last clear. */
  deletedAt = 0
  clearedAt = 0
  version = '0'
  user: string | undefined
  messages: Stored[] = []
  fields = new Map<string, Field>()
  summary: ModelSummary | undefined
  copy: Copy | undefined
  private done = new Map<string, Done>()
  /** Of the whole run: two histories never share one. */
  private readonly versions = new Set<string>()
  /** Of this history, since its last deletion. */
  known: string[] = []

  constructor(
    private readonly caps: Caps,
    private readonly size: StoredSize,
  ) {}

  get bytes(): number {
    return [...this.messages, ...(this.summary === undefined ? [] : [this.summary])]
      .map(({ bytes }) => bytes)
      .concat([...this.fields.values()].map((field) => this.fieldBytes(field)))
      .reduce((sum, bytes) => sum + bytes, 0)
  }

  get first(): number {
    return this.messages[0]?.seq ?? this.q + 1
  }

  /** The session is gone, as after its expiry; its copy stays. */
  vanish(): void {
    Object.assign(this, { exists: false, live: false, v: 0, q: 0, deletedAt: 0, clearedAt: 0, version: '0' })
    this.user = undefined
    this.empty()
    this.done = new Map()
    this.known = []
  }

  /** Keeps a copy unless the same or a newer one stands. */
  keep(copy: Copy): void {
    if (this.copy === undefined || this.copy.counter < copy.counter) this.copy = copy
  }

  /** @param answered the version in the real answer, of which only the counter can be foretold */
  write(call: Call, answered: string | undefined): Outcome {
    if (call.kind === 'append' && call.messages.length > this.caps.maxMessages) return refuse('TOO_LARGE')
    if (this.live && this.foreign(call.user)) return refuse('SESSION_NOT_FOUND')
    const done = this.done.get(call.operationId)
    if (done !== undefined && this.remembers(done)) {
      if (done.digest !== digest(call)) return refuse('OPERATION_REUSED')
      if (done.counter < this.deletedAt && done.kind !== 'delete') return refuse('SESSION_DELETED')
      return this.again(call, done)
    }
    if ('expectedVersion' in call && call.expectedVersion !== undefined && call.expectedVersion !== this.version) {
      return refuse('VERSION_MISMATCH')
    }
    const v = (this.exists ? this.v : (this.copy?.counter ?? 0)) + 1
    const isNew = answered?.startsWith(`${v}-`) === true && !this.versions.has(answered)
    const version = isNew ? answered : `${v}-a new one`.padEnd(`${v}-`.length + 12)
    const before = this.snapshot()
    const outcome = this.execute(call, v, version)
    if ('error' in outcome || outcome.number === undefined) {
      Object.assign(this, before)
      return 'error' in outcome ? outcome : { ok: outcome.ok }
    }
    this.versions.add(version)
    this.known.push(version)
    this.done.set(call.operationId, {
      digest: digest(call),
      kind: call.kind,
      counter: v,
      version,
      number: outcome.number,
    })
    Object.assign(this, { exists: true, v })
    if (this.live) {
      this.version = version
      this.user ??= call.user
    } else {
      this.version = '0'
      this.user = undefined
    }
    return { ok: outcome.ok }
  }

  read(user: string | undefined, window: Window): Outcome {
    if (this.live && this.foreign(user)) return refuse('SESSION_NOT_FOUND')
    return {
      ok: {
        messages: this.within(window).map(({ message }) => message),
        version: this.version,
        stale: false,
        corrupt: [],
      },
    }
  }

  context(user: string | undefined, window: Pick<Window, 'last' | 'turns'>): Outcome {
    if (this.live && this.foreign(user)) return refuse('SESSION_NOT_FOUND')
    const messages = this.within(window).map(({ message }) => message as { readonly role: string })
    const begin = messages.findIndex(({ role }) => role !== 'tool')
    const kept = begin < 0 ? [] : messages.slice(begin)
    return {
      ok: expect.objectContaining({
        messages: kept,
        state: this.values(),
        omitted: this.messages.length - kept.length,
        version: this.version,
        corrupt: [],
        ...(this.standing() !== undefined && { summary: this.standing() }),
      }),
    }
  }

  state(user: string | undefined): Outcome {
    if (this.live && this.foreign(user)) return refuse('SESSION_NOT_FOUND')
    const versions = Object.fromEntries(this.present().map(([name, { version }]) => [name, version]))
    return { ok: { values: this.values(), versions, stale: false, corrupt: [] } }
  }

  summaryOf(user: string | undefined): Outcome {
    if (this.live && this.foreign(user)) return refuse('SESSION_NOT_FOUND')
    return { ok: this.standing() ?? null }
  }

  info(user: string | undefined): Outcome {
    if (this.live && this.foreign(user)) return refuse('SESSION_NOT_FOUND')
    if (!this.live) return { ok: { exists: false, version: '0', stale: false } }
    return {
      ok: expect.objectContaining({
        exists: true,
        version: this.version,
        count: this.messages.length,
        bytes: this.bytes,
        firstSeq: this.first,
        lastSeq: this.q,
        stale: false,
        ...(this.user !== undefined && { userId: this.user }),
      }),
    }
  }

  /** Whether an operation was executed and is still known. */
  knows(operationId: string): boolean {
    const done = this.done.get(operationId)
    return done !== undefined && this.remembers(done)
  }

  /** The time of every field that has one runs out. */
  expireFields(): void {
    this.fields = new Map(
      [...this.fields].map(([name, field]) => [
        name,
        field.expires === 'later' ? { ...field, expires: 'past' } : field,
      ]),
    )
  }

  /** The version of a field; '0' for one that is absent or expired. */
  versionOf(name: string): string {
    return this.present().find(([other]) => other === name)?.[1].version ?? '0'
  }

  private execute(
    call: Call,
    v: number,
    version: string,
  ): { readonly ok: unknown; readonly number?: number } | { readonly error: string } {
    switch (call.kind) {
      case 'append':
        return this.append(call, version)
      case 'set':
      case 'patch':
      case 'unset':
        return this.change(call, version)
      case 'commit':
        return this.commit(call, v, version)
      default:
        return this.reset(call, v, version)
    }
  }

  private append(call: Call & { kind: 'append' }, version: string): ReturnType<SessionModel['execute']> {
    this.begin()
    const added = call.messages.map((message, index): Stored => {
      const derived = derivedId(call, index)
      const tokens = countMessage(counter, message, createTypes([]))
      const { role, content, metadata, createdAt } = message
      const tuple = [content, ...(metadata === undefined && message.id === undefined ? [] : [metadata ?? null])]
      if (message.id !== undefined) tuple.push(message.id)
      const time = createdAt === undefined ? TIME : String(createdAt.getTime())
      const header = `1${ROLES[role]}${tokens} ${time} ${derived} `
      const seq = this.q + 1 + index
      return {
        seq,
        tokens,
        bytes: header.length + this.size.payload(storedText(tuple).payload),
        message: {
          id: message.id ?? derived,
          seq,
          role,
          content,
          createdAt: createdAt ?? expect.any(Date),
          ...(metadata !== undefined && { metadata }),
        },
      }
    })
    const bytes = added.reduce((sum, message) => sum + message.bytes, 0)
    const trimmed = this.makeRoom(added.length, bytes)
    if (trimmed === undefined) return { error: 'SESSION_FULL' }
    const number = this.q + 1
    this.q += added.length
    this.messages = [...this.messages, ...added]
    const messages = added.map(({ message }) => message)
    return { ok: { stored: 'redis', messages, version, duplicate: false, trimmed }, number }
  }

  private change(
    call: Call & { kind: 'set' | 'patch' | 'unset' },
    version: string,
  ): ReturnType<SessionModel['execute']> {
    const names = namesOf(call)
    for (const name of names) {
      const expected = Object.hasOwn(call.expectedVersions, name) ? call.expectedVersions[name] : undefined
      if (expected !== undefined && expected !== this.versionOf(name)) return { error: 'VERSION_MISMATCH' }
    }
    if (call.kind === 'unset' && !this.live) {
      return {
        ok: {
          stored: 'redis',
          version: '0',
          versions: Object.fromEntries(names.map((name) => [name, '0'])),
          duplicate: false,
          trimmed: 0,
        },
      }
    }
    this.begin()
    const before = this.bytes
    const after = new Map(this.fields)
    // The list of names is only touched when one comes or goes; what has expired is swept out then.
    if (call.kind === 'unset' || names.some((name) => !after.has(name))) {
      for (const [name, { expires }] of after) if (expires === 'past' && !names.includes(name)) after.delete(name)
    }
    for (const name of names) {
      if (call.kind === 'unset') after.delete(name)
      else after.set(name, this.written(call, name, version))
    }
    this.fields = after
    const grown = this.bytes - before
    const trimmed = grown > 0 ? this.makeRoom(0, grown, before) : 0
    if (trimmed === undefined) return { error: 'SESSION_FULL' }
    const versions = Object.fromEntries(names.map((name) => [name, call.kind === 'unset' ? '0' : version]))
    return { ok: { stored: 'redis', version, versions, duplicate: false, trimmed }, number: 0 }
  }

  private written(call: Call & { kind: 'set' | 'patch' }, name: string, version: string): Field {
    const value = call.values[name]
    const text = storedText(value)
    const stood = this.fields.get(name)
    const old = stood?.expires === 'past' ? undefined : stood
    const kept = call.kind === 'patch' && old !== undefined ? old.expires : 'never'
    const expires = call.ttl === undefined ? kept : 'later'
    if (call.kind === 'patch' && old?.text.members !== undefined && text.members !== undefined) {
      const merged = Object.fromEntries([...Object.entries(old.value as object), ...Object.entries(value as object)])
      if (this.size.index !== undefined) return { value: merged, text: storedText(merged), version, expires }
      const members = new Map([...old.text.members, ...text.members])
      const rich = old.text.rich || text.rich
      const payload = `${rich ? '~' : ''}{${[...members.values()].join(',')}}`
      return { value: merged, text: { payload, members, rich }, version, expires }
    }
    return { value, text, version, expires }
  }

  private commit(call: Call & { kind: 'commit' }, v: number, version: string): ReturnType<SessionModel['execute']> {
    if (!this.live) return { error: 'SESSION_NOT_FOUND' }
    if ((this.summary?.version ?? null) !== call.replaces) return { error: 'SUMMARY_REPLACED' }
    if (call.coversSeq > this.q || call.coversSeq < (this.summary?.coversSeq ?? 1)) return { error: 'ARGUMENT_INVALID' }
    const base = Number.parseInt(call.basedOn, 10)
    if (base > this.v || base < this.clearedAt || (base === this.v && call.basedOn !== this.version)) {
      return { error: 'VERSION_MISMATCH' }
    }
    const tokens = counter.count(call.text)
    const header = `1 ${version} ${TIME} ${call.coversSeq} ${tokens} `
    const { text, coversSeq } = call
    const bytes = header.length + this.size.payload(storedText(text).payload)
    this.summary = { text, coversSeq, version, bytes }
    const kept = this.messages.filter(({ seq }) => seq > coversSeq)
    const trimmed = this.messages.length - kept.length
    this.messages = kept
    if (this.bytes > this.caps.maxBytes) return { error: 'SESSION_FULL' }
    this.keep({ counter: v, covers: coversSeq, summary: this.summary, user: this.user ?? call.user })
    return { ok: { stored: 'redis', version, duplicate: false, trimmed, outlives: true }, number: trimmed }
  }

  private reset(
    call: Call & { kind: 'clear' | 'delete' },
    v: number,
    version: string,
  ): ReturnType<SessionModel['execute']> {
    const existed = this.live
    if (!this.exists) this.q = this.copy?.covers ?? 0
    if (existed && call.kind === 'clear') {
      this.clearedAt = v
    } else {
      this.live = false
      this.deletedAt = v
      this.clearedAt = 0
      this.known = []
    }
    this.empty()
    this.keep({ counter: v, covers: this.q, summary: undefined, user: undefined })
    return { ok: resetAnswer(call.kind, existed, version, false), number: existed ? 1 : 0 }
  }

  /** What a repeated operation answers. */
  private again(call: Call, { version, number, counter: made }: Done): Outcome {
    switch (call.kind) {
      case 'append': {
        const messages = call.messages.map((message, index) => {
          return expect.objectContaining({
            id: message.id ?? derivedId(call, index),
            seq: number + index,
            role: message.role,
            content: message.content,
            createdAt: message.createdAt ?? expect.any(Date),
          })
        })
        return { ok: { stored: 'redis', messages, version, duplicate: true, trimmed: 0 } }
      }
      case 'commit':
        if (this.summary?.version === version) {
          this.keep({ counter: made, covers: call.coversSeq, summary: this.summary, user: this.user })
        }
        return { ok: { stored: 'redis', version, duplicate: true, trimmed: number, outlives: true } }
      case 'clear':
      case 'delete':
        this.keep({ counter: made, covers: this.q, summary: undefined, user: undefined })
        return { ok: resetAnswer(call.kind, number === 1, version, true) }
      default: {
        const versions = Object.fromEntries(namesOf(call).map((name) => [name, call.kind === 'unset' ? '0' : version]))
        return { ok: { stored: 'redis', version, versions, duplicate: true, trimmed: 0 } }
      }
    }
  }

  /** A session that is not live comes into being: after a deletion with its counters, else with those of the copy. */
  private begin(): void {
    if (this.live) return
    if (!this.exists) {
      this.q = this.copy?.covers ?? 0
      this.summary = this.copy?.summary
    }
    this.live = true
    this.known = []
  }

  private makeRoom(count: number, bytes: number, size = this.bytes): number | undefined {
    let dropped = 0
    let left = size
    const { maxMessages, maxBytes, onFull } = this.caps
    while (this.messages.length - dropped + count > (count === 0 ? Infinity : maxMessages) || left + bytes > maxBytes) {
      if (onFull === 'refuse' || dropped === this.messages.length) return undefined
      left -= this.messages[dropped]!.bytes
      dropped++
    }
    this.messages = this.messages.slice(dropped)
    return dropped
  }

  private within({ last, turns, maxTokens, after = 0, before = Infinity, limit }: Window): Stored[] {
    const range = this.messages.filter(({ seq }) => seq > after && seq < before)
    if (limit !== undefined && after > 0) return range.slice(0, limit)
    const taken: Stored[] = []
    let tokens = 0
    let begun = 0
    for (const stored of range.toReversed()) {
      tokens += stored.tokens
      if (tokens > (maxTokens ?? Infinity)) break
      taken.unshift(stored)
      if ((stored.message as { readonly role: string }).role === 'user') begun++
      if (taken.length === (last ?? limit) || begun === turns) break
    }
    return taken
  }

  private standing(): object | undefined {
    const summary = this.live ? this.summary : this.copy?.summary
    if (summary === undefined) return undefined
    const { text, coversSeq, version } = summary
    return { text, coversSeq, version, createdAt: expect.any(Date), tokens: counter.count(text) }
  }

  private values(): Record<string, unknown> {
    return Object.fromEntries(this.present().map(([name, { value }]) => [name, value]))
  }

  private present(): [string, Field][] {
    return [...this.fields].filter(([, { expires }]) => expires !== 'past')
  }

  private foreign(user: string | undefined): boolean {
    return this.user !== undefined && user !== undefined && this.user !== user
  }

  private remembers({ counter: made }: Done): boolean {
    return blockOf(this.v) - blockOf(made) < BLOCKS
  }

  private fieldBytes({ text: { payload, members }, version, expires }: Field): number {
    const index = members === undefined ? '-' : (this.size.index ?? indexOf(members))
    const header = `1 ${version} ${TIME} ${expires === 'never' ? '0' : TIME} ${index} `
    return header.length + this.size.payload(payload)
  }

  private empty(): void {
    this.messages = []
    this.fields = new Map()
    this.summary = undefined
  }

  private snapshot(): Partial<SessionModel> {
    const { exists, live, v, q, deletedAt, clearedAt, version, user, messages, fields, summary, copy, known } = this
    return { exists, live, v, q, deletedAt, clearedAt, version, user, messages, fields, summary, copy, known }
  }
}

const derivedId = ({ operationId }: Call, index: number): string => {
  const id = createHash('sha256').update(operationId).digest('hex').slice(0, 16)
  return index === 0 ? id : `${id}.${index}`
}

const namesOf = (call: Call & { kind: 'set' | 'patch' | 'unset' }): string[] =>
  call.kind === 'unset' ? [...new Set(call.fields)] : Object.keys(call.values)

const indexOf = (members: ReadonlyMap<string, string>): string =>
  `o${[...members].map(([key, member]) => `${Buffer.byteLength(key)},${Buffer.byteLength(member)}`).join(',')}`

const resetAnswer = (kind: 'clear' | 'delete', existed: boolean, version: string, duplicate: boolean): unknown =>
  kind === 'delete' ? existed : { version: existed ? version : '0', duplicate }

/** The same for the same payload: who calls, and what is expected of the versions, is no part of it. */
const digest = (call: Call): string => {
  const payload = Object.entries({
    ...call,
    ...('fields' in call && { fields: namesOf(call).toSorted() }),
  }).filter(([name]) => !['user', 'operationId', 'expectedVersion', 'expectedVersions'].includes(name))
  return JSON.stringify(payload, (_key, value: unknown) => {
    if (typeof value === 'bigint' || value === undefined || Object.is(value, -0)) return storedText(value).payload
    if (value instanceof Map || value instanceof Set) return [value.constructor.name, ...value]
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : value
  })
}
