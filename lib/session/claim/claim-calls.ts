import { randomUUID } from 'node:crypto'
import { MemoryConflictError } from '../../errors/memory-conflict.error.js'
import { MemoryCorruptError } from '../../errors/memory-corrupt.error.js'
import { Deadline } from '../../redis/deadline.js'
import { claimKey } from '../../redis/keys.js'
import type { ScriptReply } from '../../redis/run-script.js'
import { claimScript } from '../../redis/scripts/scripts.generated.js'
import { DecodeError } from '../../serialization/codec.errors.js'
import { below, withPath } from '../../serialization/record-error.js'
import { RecordCodec } from '../../serialization/record-codec.js'
import { TOMBSTONE_TTL } from '../life.js'
import type { Renewable } from '../lock/lease.js'
import type { OperationTerms } from '../operation.js'
import { refusal } from '../refusal.js'
import type { SessionRecords } from '../session-records.js'
import type { SessionStore } from '../session-store.js'
import type { ClaimOptions, Standing } from './claim.interface.js'
import { claimName, turnOperationId } from './turn-operation.js'

const DEFAULT_LEASE = 30_000
/** Neither fenced, nor known by what the session was. */
const TERMS: OperationTerms = { fence: undefined, testimony: undefined, age: () => '' }
const FIELD = 'answer'
/** Sealed, it names the key that the digest of a claim is made with. */
const NOTHING = 'null'
/** In the place of an answer that is not kept: no record is as short. */
const NOT_KEPT = ''

export type ClaimReply<Answer> =
  | { readonly state: 'claimed' }
  /** For how long, in ms, it is another's at the most. */
  | { readonly state: 'running'; readonly endsIn: number }
  /** How long ago, in ms, it was answered. */
  | { readonly state: 'answered'; readonly answer: Answer; readonly ago: number }

/** One claim on a turn, as Redis knows it: by a token of its own. Each method throws MemoryError. */
export class ClaimCalls<Answer> implements Renewable {
  readonly key: string
  readonly name = 'the claim on the turn'
  readonly ttl: number
  readonly sessionId: string
  private readonly token = randomUUID()
  private readonly operationId: string
  private readonly payload: string
  private readonly keepFor: number
  private readonly codec: RecordCodec
  /** For one request, in ms. What is claimed is renewed, answered and released also while the application closes. */
  private readonly patience: number

  /** @throws MemoryShutdownError */
  constructor(
    readonly store: SessionStore,
    private readonly records: SessionRecords,
    { key, payload, lease = DEFAULT_LEASE, keepFor }: ClaimOptions,
  ) {
    const { target, ttl } = store
    this.operationId = turnOperationId(target.userId, key)
    this.key = claimKey(target.key, claimName(this.operationId))
    this.sessionId = target.id
    this.payload = payload
    this.ttl = lease
    // Not longer than a deletion is remembered, so that the append of an answer that is found finds it as well.
    this.keepFor = Math.min(keepFor, ttl, TOMBSTONE_TTL)
    this.codec = new RecordCodec(records.codec.codec, records.codec.envelope, this.key)
    this.patience = store.deadline().ms
  }

  /**
   * May be repeated: Redis knows the token.
   *
   * @throws MemoryConflictError when the key is another message's, or the turn was kept without its answer
   * @throws SessionNotFoundError, SessionDeletedError, MemoryFullError when it could not be kept
   */
  async claim(): Promise<ClaimReply<Answer>> {
    const deadline = this.store.deadline()
    await this.records.prepare(deadline)
    // What is to be made first may be this very turn.
    const behind = this.store.catchUp(deadline)
    if (behind !== undefined) await behind
    for (;;) {
      const codes = this.codes()
      const payload = this.codec.seal(NOTHING, FIELD, codes[0])
      const reply = await this.call('claim', this.ttl, payload, codes, deadline)
      const [word, first, digest, record] = reply
      switch (word) {
        case 'CLAIMED':
          return { state: 'claimed' }
        case 'WAIT':
          return { state: 'running', endsIn: Number(first) }
        case 'ANSWERED': {
          const answer = await this.open(String(digest), String(record), deadline)
          return { state: 'answered', answer, ago: Number(first) }
        }
        case 'KEPT':
          throw this.notKept()
        case 'REUSED':
          // It may be the same message under a key that was not at hand.
          await this.records.prepare(deadline, [String(first)])
          if (this.codes().length === codes.length) throw this.reused()
          break
        case 'UNKNOWN':
          throw this.unknown()
        default:
          throw refusal(reply, { sessionId: this.sessionId })
      }
    }
  }

  /** Whether the claim is still this one's, for a lease from now; an answer within `ms`. */
  async renew(ms: number): Promise<boolean> {
    const [word] = await this.call('renew', this.ttl, NOT_KEPT, [], new Deadline(Math.min(ms, this.patience)))
    return word === 'HELD'
  }

  /** An answer as it is kept; `undefined` for one that is too large. @throws MemorySerializationError */
  seal(answer: Answer): string | undefined {
    const { codec } = this.codec
    const text = withPath(() => codec.encode(answer), below('answer'))
    const fits = Buffer.byteLength(text) <= this.store.options.session.maxMessageBytes
    return fits ? this.codec.seal(text, FIELD, this.codes()[0]) : undefined
  }

  /**
   * The answer that stands now. May be repeated.
   *
   * @param sealed the same answer, just now
   * @param claimedAt by performance.now()
   * @throws MemoryConflictError, SessionDeletedError as `claim`
   */
  async answer(answer: Answer, sealed: string, claimedAt: number): Promise<Standing<Answer>> {
    const deadline = new Deadline(this.patience)
    const sentAt = performance.now()
    const reply = await this.call('answer', this.keepFor, sealed, this.codes(), deadline)
    const [word, ago, digest, record] = reply
    switch (word) {
      case 'ANSWERED':
        return { answer }
      case 'LATE':
        // Another may have had the turn, and all of it be over.
        return { answer, since: claimedAt }
      case 'STANDING': {
        const since = sentAt - Number(ago) - 1
        return { answer: record === sealed ? answer : await this.open(String(digest), String(record), deadline), since }
      }
      case 'KEPT':
        throw this.notKept()
      case 'REUSED':
        throw this.reused()
      case 'UNKNOWN':
        throw this.unknown()
      default:
        throw refusal(reply, { sessionId: this.sessionId })
    }
  }

  /** That the turn was appended, and no answer is kept: no longer a claim, nor anything to run. */
  async noteAppended(ms: number): Promise<void> {
    const deadline = new Deadline(Math.min(ms, this.patience))
    await this.call('answer', this.keepFor, NOT_KEPT, this.codes(), deadline)
  }

  /** Never another's claim, nor an answer. */
  async release(ms: number): Promise<void> {
    await this.call('release', 0, NOT_KEPT, [], new Deadline(Math.min(ms, this.patience)))
  }

  private call(
    how: 'claim' | 'renew' | 'answer' | 'release',
    ms: number,
    payload: string,
    codes: readonly string[],
    deadline: Deadline,
  ): Promise<ScriptReply> {
    const { key, summaryKey, userId } = this.store.target
    const args = [how, this.token, ms, payload, userId ?? '', ...this.room(), ...codes]
    return this.store.call<ScriptReply>(claimScript, args, 'write', deadline, [this.key, key, summaryKey])
  }

  /** What there may be in a session that takes no more than it has room for. */
  private room(): readonly [messages: number | '', bytes: number | ''] {
    const { onFull, maxMessages, maxBytes } = this.store.options.session
    return onFull === 'refuse' ? [maxMessages - 1, maxBytes - 1] : ['', '']
  }

  /** Those of the append: the session may have the turn already. */
  private codes(): readonly [string, ...string[]] {
    return this.records.operation(this.operationId, 'append', this.payload, TERMS).codes
  }

  private async open(digest: string, record: string, deadline: Deadline): Promise<Answer> {
    if (record === NOT_KEPT) throw this.notKept()
    await this.records.prepare(deadline, [record])
    try {
      return this.codec.decode(record, FIELD, digest) as Answer
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      const message = `the answer that is kept for the turn cannot be read: ${error.reason}`
      throw new MemoryCorruptError(message, { sessionId: this.sessionId })
    }
  }

  private notKept(): MemoryConflictError {
    const message =
      'the turn was kept before, and its answer was not: too large, too long ago, or Redis was away; read the session'
    return new MemoryConflictError('OPERATION_FORGOTTEN', message, { sessionId: this.sessionId })
  }

  private reused(): MemoryConflictError {
    const message = 'the idempotency key was used before, for another message; give every turn its own'
    return new MemoryConflictError('OPERATION_REUSED', message, { sessionId: this.sessionId })
  }

  private unknown(): MemoryCorruptError {
    const { sessionId } = this
    return new MemoryCorruptError('what stands under the key of a claim is not what this version writes', { sessionId })
  }
}
