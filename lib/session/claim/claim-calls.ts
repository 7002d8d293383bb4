import { hash, randomUUID } from 'node:crypto'
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
import type { SessionRecords } from '../session-records.js'
import { SessionStore } from '../session-store.js'
import type { ClaimOptions } from './claim.interface.js'

const DEFAULT_LEASE = 30_000
const NAME_DIGITS = 32
/** Neither fenced, nor known by what the session was. */
const TERMS: OperationTerms = { fence: undefined, testimony: undefined, age: () => '' }
const FIELD = 'answer'
/** Sealed, it names the key that the digest of a claim is made with. */
const NOTHING = 'null'
/** In the place of an answer that is not kept: no record is as short. */
const TOO_LARGE = ''

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
  private readonly turn: string
  private readonly payload: string
  private readonly keepFor: number
  private readonly store: SessionStore
  private readonly codec: RecordCodec
  /** For one request, in ms. What is claimed is renewed, answered and released also while the application closes. */
  private readonly patience: number

  /** @throws MemoryShutdownError */
  constructor(
    store: SessionStore,
    private readonly records: SessionRecords,
    { key, payload, lease = DEFAULT_LEASE, keepFor }: ClaimOptions,
  ) {
    const { target, shared, ttl } = store
    // Users never meet here. Neither of the two can hold a line feed.
    this.turn = hash('sha256', `${target.userId ?? ''}\n${key}`).slice(0, NAME_DIGITS)
    this.key = claimKey(target.key, this.turn)
    this.sessionId = target.id
    this.payload = payload
    this.ttl = lease
    // Not longer than a deletion is remembered, so that the append of an answer that is found finds it as well.
    this.keepFor = Math.min(keepFor, ttl, TOMBSTONE_TTL)
    this.store = new SessionStore(shared, { ...target, key: this.key })
    this.codec = new RecordCodec(records.codec.codec, records.codec.envelope, this.key)
    this.patience = store.deadline().ms
  }

  /**
   * May be repeated: Redis knows the token.
   *
   * @throws MemoryConflictError when the key is another message's, or the answer was too large to be kept
   */
  async claim(): Promise<ClaimReply<Answer>> {
    const deadline = this.store.deadline()
    await this.records.prepare(deadline)
    for (;;) {
      const codes = this.codes()
      const args = [this.ttl, this.codec.seal(NOTHING, FIELD, codes[0]), ...codes]
      const [word, first, digest, record] = await this.call('claim', args, deadline)
      switch (word) {
        case 'CLAIMED':
          return { state: 'claimed' }
        case 'WAIT':
          return { state: 'running', endsIn: Number(first) }
        case 'ANSWERED': {
          const answer = await this.open(String(digest), String(record), deadline)
          return { state: 'answered', answer, ago: Number(first) }
        }
        case 'REUSED':
          // It may be the same message under a key that was not at hand.
          await this.records.prepare(deadline, [String(first)])
          if (this.codes().length === codes.length) throw this.reused()
          break
        default:
          throw this.unknown()
      }
    }
  }

  /** Whether the claim is still this one's, for a lease from now; an answer within `ms`. */
  async renew(ms: number): Promise<boolean> {
    const [word] = await this.call('renew', [this.ttl], new Deadline(Math.min(ms, this.patience)))
    return word === 'HELD'
  }

  /**
   * The answer that stands now. May be repeated.
   *
   * @throws MemorySerializationError; MemoryConflictError as `claim`
   */
  async answer(answer: Answer): Promise<Answer> {
    const { codec } = this.codec
    const text = withPath(() => codec.encode(answer), below('answer'))
    const fits = Buffer.byteLength(text) <= this.store.options.session.maxMessageBytes
    const codes = this.codes()
    const sealed = fits ? this.codec.seal(text, FIELD, codes[0]) : TOO_LARGE
    const deadline = new Deadline(this.patience)
    const [word, , digest, record] = await this.call('answer', [this.keepFor, sealed, ...codes], deadline)
    switch (word) {
      case 'ANSWERED':
        return answer
      case 'STANDING':
        return this.open(String(digest), String(record), deadline)
      case 'REUSED':
        throw this.reused()
      default:
        throw this.unknown()
    }
  }

  /** Never another's claim, nor an answer. */
  async release(ms: number): Promise<void> {
    await this.call('release', [0], new Deadline(Math.min(ms, this.patience)))
  }

  private call(how: string, args: readonly (string | number)[], deadline: Deadline): Promise<ScriptReply> {
    return this.store.call<ScriptReply>(claimScript, [how, this.token, ...args], 'write', deadline)
  }

  private codes(): readonly [string, ...string[]] {
    return this.records.operation(this.turn, 'turn', this.payload, TERMS).codes
  }

  private async open(digest: string, record: string, deadline: Deadline): Promise<Answer> {
    const { sessionId } = this
    if (record === TOO_LARGE) {
      const message =
        'the turn was answered before, with more than maxMessageBytes, which are not kept; read the session'
      throw new MemoryConflictError('OPERATION_FORGOTTEN', message, { sessionId })
    }
    await this.records.prepare(deadline, [record])
    try {
      return this.codec.decode(record, FIELD, digest) as Answer
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      const message = `the answer that is kept for the turn cannot be read: ${error.reason}`
      throw new MemoryCorruptError(message, { sessionId })
    }
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
