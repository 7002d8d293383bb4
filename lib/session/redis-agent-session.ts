import { assembleContext } from '../context/assemble-context.js'
import type { ContextOptions, SessionContext } from '../context/session-context.interface.js'
import type { JournalEntry } from '../resilience/journal/journal-entry.interface.js'
import { countMessage } from '../context/count-message.js'
import type { TokenCounter } from '../model/token-counter.js'
import { MemoryTooLargeError } from '../errors/memory-too-large.error.js'
import { SessionNotFoundError } from '../errors/session-not-found.error.js'
import type { MessageInput } from '../model/message.interface.js'
import type { ReadOptions } from '../model/read-options.interface.js'
import type { CorruptRecord, Version } from '../model/record.interface.js'
import type { Deadline } from '../redis/deadline.js'
import type { ScriptReply } from '../redis/run-script.js'
import { infoScript } from '../redis/scripts/scripts.generated.js'
import { EncodeError } from '../serialization/codec.errors.js'
import { encodeMessage, type EncodedMessage } from '../serialization/message-record.js'
import { payloadsOf } from '../serialization/record-payload.js'
import type {
  AgentSession,
  AppendOptions,
  AppendResult,
  MessagesOptions,
  MessagesResult,
  SessionInfo,
  StoredAppend,
} from './agent-session.interface.js'
import { appendMessages } from './append/append-messages.js'
import { readAppendReply, storedRecords } from './append/append-reply.js'
import { askReplica } from './ask-replica.js'
import { claimTurn } from './claim/claim-turn.js'
import type { Claimed, ClaimOptions } from './claim/claim.interface.js'
import type { LockOptions } from './lock/session-lock.interface.js'
import { withLock, type LockedWork } from './lock/with-lock.js'
import { answered, observed, wrote } from './observed.decorator.js'
import { makeWaiting } from './outage/make-waiting.js'
import type { LateTerms, Replayed } from './outage/replayer.js'
import type { WaitingWrite } from './outage/write-content.js'
import type { Quarantine, ReencryptResult } from './quarantine/quarantine.interface.js'
import { openQuarantine } from './quarantine/redis-quarantine.js'
import { reencryptSession } from './reencrypt.js'
import { RedisSessionState } from './state/redis-session-state.js'
import { readFromOf } from './read-records.js'
import { resetSession } from './reset-session.js'
import { RedisSessionSummary, standingSummary } from './redis-session-summary.js'
import type { SessionRecords } from './session-records.js'
import type { SessionState } from './state/session-state.interface.js'
import type { SessionStore } from './session-store.js'
import type { SessionSummary } from './session-summary.interface.js'
import { readWindow, staleness } from './session-window.js'
import type { Turns, TurnTerms } from './turn-session.interface.js'
import { validateBytes } from './validation/validate-bytes.js'
import {
  naturalNumber,
  operationId,
  positiveInteger,
  readFrom,
  validateOptions,
  version,
} from './validation/validate-call.js'
import { validateMessages } from './validation/validate-message.js'
import { newestOf, windowOf } from './window-of.js'
import { beginWrite, writeInOrder, writeOrKeep } from './write-in-order.js'
import type { WriteOptions } from './write-options.interface.js'

const WRITE_OPTIONS = { operationId, expectedVersion: version, fence: positiveInteger }
/** Of a message that is only looked at. */
const uncounted: TokenCounter = { count: () => 0 }

/** A session in Redis. */
export class RedisAgentSession<State, Metadata> implements AgentSession<State, Metadata>, Turns<Metadata> {
  readonly id: string
  readonly tenant: string | undefined
  readonly userId: string | undefined
  readonly state: SessionState<State>
  readonly summary: SessionSummary
  private readonly late: RedisSessionState<State>

  constructor(
    private readonly store: SessionStore,
    private readonly records: SessionRecords,
    private readonly tokens: TokenCounter,
  ) {
    this.id = store.target.id
    this.tenant = store.target.tenant
    this.userId = store.target.userId
    this.late = new RedisSessionState(store, records)
    this.state = this.late
    this.summary = new RedisSessionSummary(store, records, tokens)
  }

  @observed('append', wrote)
  append(
    messages: MessageInput<Metadata> | readonly MessageInput<Metadata>[],
    options?: AppendOptions,
  ): Promise<AppendResult<Metadata>> {
    return this.appendAs(messages, options)
  }

  @observed('append', wrote)
  appendTurn(
    messages: readonly MessageInput<Metadata>[],
    { operationId: id, fence, isRepeatable, since }: TurnTerms,
  ): Promise<AppendResult<Metadata>> {
    return this.appendAs(messages, { operationId: id, fence }, { since, named: isRepeatable ? 1 : messages.length })
  }

  get maxMessageBytes(): number {
    return this.store.options.session.maxMessageBytes
  }

  ownMessage(user: MessageInput<Metadata>): MessageInput<Metadata> {
    const [{ role, content, id, createdAt, metadata, providerOptions }] = validateMessages(user) as readonly [
      MessageInput<Metadata>,
    ]
    const message = { role, content, id, createdAt, metadata, providerOptions }
    this.encode(message, 0, uncounted)
    const { codec } = this.records.codec
    return codec.decode(codec.encode(message)) as MessageInput<Metadata>
  }

  canKeep(value: unknown): boolean {
    try {
      this.records.codec.codec.encode(value)
      return true
    } catch (error) {
      if (error instanceof EncodeError) return false
      throw error
    }
  }

  @observed('claim')
  async claimTurn<Answer>(
    user: MessageInput<Metadata>,
    options: Omit<ClaimOptions, 'payload'>,
  ): Promise<Claimed<Answer>> {
    const [given] = validateMessages(user) as readonly [MessageInput<Metadata>]
    const payload = this.encode(given, 0, uncounted).canonical
    return claimTurn<Answer>(this.store, this.records, { ...options, payload })
  }

  /** @param terms how many of the messages name the operation, all unless said; since when it may have been executed */
  private async appendAs(
    messages: MessageInput<Metadata> | readonly MessageInput<Metadata>[],
    options: AppendOptions | undefined,
    terms: { readonly named?: number; readonly since?: number | undefined } = {},
  ): Promise<AppendResult<Metadata>> {
    const given = validateMessages(messages) as readonly MessageInput<Metadata>[]
    validateOptions(options, 'options', WRITE_OPTIONS)
    const { maxMessages } = this.store.options.session
    if (given.length > maxMessages) {
      const path = 'messages'
      throw new MemoryTooLargeError(`${path}: ${given.length} given; allowed: up to maxMessages, ${maxMessages}`, {
        path,
      })
    }
    const encoded = given.map((message, index) => this.encode(message, index))
    const naming = encoded.slice(0, terms.named)
    const canonical = naming.map((message) => message.canonical).join('\n')
    const call = beginWrite(this.store, options, terms.since)
    // What rests on a version or a lock cannot wait: nobody knows whether it holds.
    const mayWait = options?.expectedVersion === undefined && options?.fence === undefined
    const content = { kind: 'append', messages: encoded } as const
    const kind = { name: 'append', leavesMessages: true, content, mayWait }
    return writeOrKeep<StoredAppend<Metadata>>(this.store, this.records, call, kind, canonical, (named) => {
      const { deadline } = call
      const answer = (reply: ScriptReply): StoredAppend<Metadata> =>
        readAppendReply(this.records.codec, reply, given, named)
      return appendMessages(this.store, this.records, encoded, named, options?.expectedVersion, deadline).then(
        (reply) =>
          reply[0] === 'DUPLICATE' ? this.prepareToAnswer(reply, deadline).then(() => answer(reply)) : answer(reply),
      )
    })
  }

  @observed('messages', answered)
  async messages(options?: MessagesOptions): Promise<MessagesResult<Metadata>> {
    validateOptions(options, 'options', {
      last: positiveInteger,
      turns: positiveInteger,
      maxTokens: positiveInteger,
      after: naturalNumber,
      before: positiveInteger,
      limit: positiveInteger,
      readFrom,
    })
    const request = { messages: windowOf(options ?? {}) }
    const deadline = this.store.deadline()
    const { window } = await readWindow<Metadata>(this.store, this.records, request, deadline, readFromOf(options))
    return {
      messages: window?.messages.map(({ message }) => message) ?? [],
      version: window?.version ?? '0',
      ...staleness(window),
      corrupt: window?.corrupt ?? [],
    }
  }

  @observed('context', answered)
  async context(options?: ContextOptions): Promise<SessionContext<State, Metadata>> {
    validateOptions(options, 'options', {
      maxTokens: positiveInteger,
      last: positiveInteger,
      turns: positiveInteger,
      readFrom,
    })
    const { maxTokens, last, turns } = options ?? {}
    const deadline = this.store.deadline()
    const read = await readWindow<Metadata>(
      this.store,
      this.records,
      {
        summary: true,
        state: 'all',
        messages: newestOf({ most: last, turns, tokens: maxTokens }),
      },
      deadline,
      readFromOf(options),
    )
    const { window } = read
    const corrupt: CorruptRecord[] = window?.corrupt ?? []
    const source = {
      messages: window?.messages ?? [],
      kept: window?.kept ?? 0,
      summary: await standingSummary(this.store, this.records, read, corrupt, deadline),
      state: Object.fromEntries([...(window?.state ?? [])].map(([field, { value }]) => [field, value])),
      version: window?.version ?? '0',
      ...staleness(window),
      corrupt,
    }
    return assembleContext<State, Metadata>(source, this.tokens, this.records.types, maxTokens)
  }

  @observed('info', answered)
  async info(options?: ReadOptions): Promise<SessionInfo> {
    validateOptions(options, 'options', { readFrom })
    const deadline = this.store.deadline()
    const seen = options?.readFrom === 'replica' ? await this.readReplicaInfo(deadline) : undefined
    const reply = seen ?? (await this.readInfo(0, deadline))
    if (reply[0] !== 'FOUND') return { exists: false, version: '0', stale: false }
    const [, current, , count, bytes, firstSeq, lastSeq, created, updated, expires, ends, userId] = reply
    return {
      exists: true,
      version: String(current),
      count: Number(count),
      bytes: Number(bytes),
      firstSeq: Number(firstSeq),
      lastSeq: Number(lastSeq),
      createdAt: new Date(Number(created)),
      updatedAt: new Date(Number(updated)),
      expiresAt: new Date(Number(expires)),
      endsAt: new Date(Number(ends)),
      ...(typeof userId === 'string' && { userId }),
      stale: seen !== undefined,
    }
  }

  @observed('touch')
  async touch(): Promise<{ readonly expiresAt: Date }> {
    const reply = await this.readInfo(this.store.ttl, this.store.deadline())
    if (reply[0] !== 'FOUND') throw new SessionNotFoundError('there is no such session', { sessionId: this.id })
    return { expiresAt: new Date(Number(reply[9])) }
  }

  @observed('clear', wrote)
  async clear(options?: WriteOptions): Promise<{ readonly version: Version; readonly duplicate: boolean }> {
    const [status, current, , existed] = await this.reset('clear', options)
    return { version: existed === 1 ? String(current) : '0', duplicate: status === 'DUPLICATE' }
  }

  @observed('delete')
  async delete(options?: WriteOptions): Promise<boolean> {
    const [, , , existed] = await this.reset('delete', options)
    return existed === 1
  }

  private async reset(how: 'clear' | 'delete', options: WriteOptions | undefined): Promise<ScriptReply> {
    validateOptions(options, 'options', WRITE_OPTIONS)
    const call = beginWrite(this.store, options)
    const kind = { name: how, empties: true, content: { kind: how } }
    return writeInOrder(this.store, this.records, call, kind, '', (named) =>
      resetSession(this.store, how, named, options?.expectedVersion, call.deadline),
    )
  }

  async withLock<Result>(work: LockedWork<Result>, options?: LockOptions): Promise<Result> {
    return withLock(this.store, this.store.shared.locks, work, options)
  }

  @observed('quarantine')
  quarantine(): Promise<Quarantine> {
    return openQuarantine(this.store, this.records, this.tokens)
  }

  @observed('reencrypt')
  reencrypt(): Promise<ReencryptResult> {
    return reencryptSession(this.store, this.records)
  }

  /** With what this process wrote, as all reads. */
  private async readInfo(ttl: number, deadline: Deadline): Promise<ScriptReply> {
    const behind = this.store.catchUp(deadline)
    if (behind !== undefined) await behind
    return this.store.read(infoScript, ttl, [], deadline)
  }

  private readReplicaInfo(deadline: Deadline): Promise<ScriptReply | undefined> {
    return askReplica(this.store, deadline, async (ask) => {
      const reply = await ask(infoScript, [])
      return reply[0] === 'FOUND' ? reply : undefined
    })
  }

  /** The keys of a duplicate's records. It was executed, whatever becomes of them: without them the answer is what was given. */
  private async prepareToAnswer(reply: ScriptReply, deadline: Deadline): Promise<void> {
    const payloads = payloadsOf({ messages: storedRecords(reply) })
    await this.records.prepare(deadline, payloads)?.catch(() => undefined)
  }

  /** Makes a write that waited in the journal. @throws MemoryError */
  makeWaiting(entry: JournalEntry, write: WaitingWrite, terms: LateTerms): Promise<Replayed> {
    return makeWaiting(this.store, this.records, this.late, entry, write, terms)
  }

  private encode(message: MessageInput<Metadata>, index: number, tokens = this.tokens): EncodedMessage {
    const path = `messages[${index}]`
    const {
      types,
      codec: { codec },
    } = this.records
    const encoded = encodeMessage(codec, message, () => countMessage(tokens, message, types), path)
    validateBytes(encoded.text, this.store.options.session.maxMessageBytes, path)
    return encoded
  }
}
