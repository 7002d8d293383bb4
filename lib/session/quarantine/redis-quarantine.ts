import type { TokenCounter } from '../../model/token-counter.js'
import { countMessage } from '../../context/count-message.js'
import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { MemoryUnavailableError } from '../../errors/memory-unavailable.error.js'
import { valueKind } from '../../errors/value-kind.js'
import type { Deadline } from '../../redis/deadline.js'
import { mendScript } from '../../redis/scripts/scripts.generated.js'
import { encodeMessage, messageTime, sealMessage } from '../../serialization/message-record.js'
import { encodeStateValue, sealStateValue, stateExpiry } from '../../serialization/state-record.js'
import { sealSummary, summaryCovers } from '../../serialization/summary-record.js'
import { TOMBSTONE_TTL } from '../life.js'
import { observed, wrote } from '../observed.decorator.js'
import { operationOfMessage, type Operation } from '../operation.js'
import { writeScript } from '../script-write.js'
import type { Quarantine, QuarantinedRecord, QuarantineResult } from './quarantine.interface.js'
import { readQuarantine, type QuarantineRead, type Whereabouts } from './read-quarantine.js'
import type { SessionRecords } from '../session-records.js'
import type { SessionStore } from '../session-store.js'
import { beginWrite, writeInOrder } from '../write-in-order.js'
import { validateBytes } from '../validation/validate-bytes.js'
import { operationId, validateOptions } from '../validation/validate-call.js'
import { validateMessages } from '../validation/validate-message.js'

type Found = QuarantineRead['records'][number]
type Options = { readonly operationId?: string | undefined } | undefined

/** What takes the place of a record. */
interface Replacement {
  /** As one text for equal replacements. */
  readonly canonical: string
  /** What mend.lua takes. */
  readonly rest: (named: Operation) => string
}

export class RedisQuarantine implements Quarantine {
  constructor(
    private readonly store: SessionStore,
    private readonly session: SessionRecords,
    private readonly tokens: TokenCounter,
    private readonly read: QuarantineRead,
  ) {}

  get records(): readonly QuarantinedRecord[] {
    return this.read.records.map(({ shown }) => shown)
  }

  get version(): string {
    return this.read.version
  }

  @observed('quarantine.repair', wrote)
  async repair(record: QuarantinedRecord, replacement: unknown, options?: Options): Promise<QuarantineResult> {
    const found = this.find(record, 'record')
    validateOptions(options, 'options', { operationId })
    if (!found.shown.inPlace) {
      throw new MemoryInvalidError({
        path: 'record',
        given: 'a record that was replaced or trimmed',
        allowed: 'one that is still in its place',
      })
    }
    const { canonical, rest } = await this.replacementFor(found.shown, replacement)
    return this.mend('repair', `${found.shown.id}\n${canonical}`, options, (named) => [
      { ...found.at, rest: rest(named) },
    ])
  }

  @observed('quarantine.drop', wrote)
  async drop(records: QuarantinedRecord | readonly QuarantinedRecord[], options?: Options): Promise<QuarantineResult> {
    const given: readonly QuarantinedRecord[] = Array.isArray(records) ? records : [records]
    if (given.length === 0) {
      throw new MemoryInvalidError({ path: 'records', given: valueKind(records), allowed: 'one record at least' })
    }
    const found = [...new Set(given.map((record, index) => this.find(record, `records[${index}]`)))]
    validateOptions(options, 'options', { operationId })
    const ids = found.map(({ shown }) => shown.id).toSorted()
    return this.mend('drop', ids.join('\n'), options, () => found.map(({ at }) => ({ ...at, rest: '' })))
  }

  private find(record: unknown, path: string): Found {
    const id: unknown = (record as QuarantinedRecord | undefined)?.id
    const found = this.read.records.find(({ shown }) => shown.id === id)
    if (found !== undefined) return found
    throw new MemoryInvalidError({ path, given: valueKind(record), allowed: 'one of the records of this quarantine' })
  }

  private async mend(
    kind: 'repair' | 'drop',
    canonical: string,
    options: Options,
    writes: (named: Operation) => readonly (Whereabouts & { readonly rest: string })[],
  ): Promise<QuarantineResult> {
    const call = beginWrite(this.store, options)
    const { deadline } = call
    return writeInOrder(this.store, this.session, call, { name: `quarantine.${kind}` }, canonical, async (named) => {
      const args = writes(named).flatMap(({ field, sha1, rest }) => [field, sha1, rest])
      const { maxBytes } = this.store.options.session
      const reply = await writeScript(this.store, mendScript, named, undefined, [maxBytes, ...args], deadline)
      const [status, version, , copy] = reply
      if (typeof copy === 'string') await this.keepCopy(copy, kind, named, deadline)
      return { version: String(version), duplicate: status === 'DUPLICATE' }
    })
  }

  /** The copy of the summary holds the same record, and is mended likewise. */
  private async keepCopy(copy: string, kind: 'repair' | 'drop', named: Operation, deadline: Deadline): Promise<void> {
    const { id: sessionId } = this.store.target
    const ttl = kind === 'drop' ? TOMBSTONE_TTL : this.store.options.summary.ttl
    await this.store.keepSummary(copy, ttl, kind === 'drop' ? 'force' : '', named, deadline).catch((cause: unknown) => {
      const details = { sessionId, operationId: named.id, cause }
      throw new MemoryUnavailableError('the summary is mended, but not yet its copy', 'yes', details)
    })
  }

  private async replacementFor(found: QuarantinedRecord, replacement: unknown): Promise<Replacement> {
    if (found.kind === 'message') return this.message(found, replacement)
    return found.kind === 'state' ? this.stateValue(found, replacement) : this.summary(found, replacement)
  }

  private message({ seq, record }: QuarantinedRecord, replacement: unknown): Replacement {
    const [message, ...others] = validateMessages(replacement)
    if (message === undefined || others.length > 0) {
      throw new MemoryInvalidError({ path: 'replacement', given: valueKind(replacement), allowed: 'one message' })
    }
    const { codec } = this.session
    const createdAt = message.createdAt ?? new Date(messageTime(record) ?? Date.now())
    const tokens = (): number => countMessage(this.tokens, message, this.session.types)
    // As it was given: a retry may come at another time.
    const { canonical } = encodeMessage(codec.codec, message, tokens, 'replacement')
    const encoded = encodeMessage(codec.codec, { ...message, createdAt }, tokens, 'replacement')
    this.limit(encoded.text)
    return {
      canonical,
      rest: (named) => {
        const operation = operationOfMessage(named, 0)
        return `${encoded.head} ${operation} ${sealMessage(codec, encoded, seq!, operation)}`
      },
    }
  }

  private async stateValue({ field, record }: QuarantinedRecord, replacement: unknown): Promise<Replacement> {
    const encoded = encodeStateValue(this.session.codec.codec, replacement, 'replacement')
    this.limit(encoded.text)
    await this.session.check({ [field!]: replacement }, this.store.deadline())
    const rest = (): string => {
      const { index, payload } = sealStateValue(this.session.codec, encoded, field!)
      return `${stateExpiry(record)} ${index} ${payload}`
    }
    return { canonical: encoded.canonical, rest }
  }

  private summary({ record }: QuarantinedRecord, replacement: unknown): Replacement {
    if (typeof replacement !== 'string' || replacement === '') {
      const given = valueKind(replacement)
      throw new MemoryInvalidError({ path: 'replacement', given, allowed: 'a text that is not empty' })
    }
    const covers = summaryCovers(record)
    if (covers === undefined) {
      throw new MemoryInvalidError({
        path: 'record',
        given: 'a summary that no longer says which messages it covers',
        allowed: 'to be dropped; then summary.commit',
      })
    }
    const { codec } = this.session
    const text = codec.codec.encode(replacement)
    this.limit(text)
    const tokens = this.tokens.count(replacement)
    return { canonical: text, rest: () => `${covers} ${tokens} ${sealSummary(codec, text, covers, tokens)}` }
  }

  private limit(text: string): void {
    validateBytes(text, this.store.options.session.maxMessageBytes, 'replacement')
  }
}

/** @throws MemoryError */
export const openQuarantine = async (
  store: SessionStore,
  records: SessionRecords,
  tokens: TokenCounter,
): Promise<Quarantine> => new RedisQuarantine(store, records, tokens, await readQuarantine(store, records))
