import { MemoryConflictError } from '../errors/memory-conflict.error.js'
import { MemoryCorruptError } from '../errors/memory-corrupt.error.js'
import { MemoryFullError } from '../errors/memory-full.error.js'
import { MemoryInvalidError } from '../errors/memory-invalid.error.js'
import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryTooLargeError } from '../errors/memory-too-large.error.js'
import type { MemoryError } from '../errors/memory.error.js'
import { SessionDeletedError } from '../errors/session-deleted.error.js'
import { SessionNotFoundError } from '../errors/session-not-found.error.js'
import type { Version } from '../model/record.interface.js'
import type { ResolvedMemoryOptions } from '../options/resolved-options.interface.js'
import type { CallDetails } from '../redis/classify-error.js'
import type { RedisConnection } from '../redis/connection.js'
import { DeadlineExceeded, type Deadline } from '../redis/deadline.js'
import { runScript, type ScriptReply } from '../redis/run-script.js'
import type { Script } from '../redis/scripts/script.interface.js'
import { copySummaryScript, resealCopyScript } from '../redis/scripts/scripts.generated.js'
import type { CorruptLedger } from './corrupt-ledger.js'
import type { LastSeqs } from './last-seqs.js'
import type { Operation } from './operation.js'
import type { WriteOrder } from './write-order.js'

/** Where a session is, and who asks. */
export interface SessionTarget {
  readonly id: string
  readonly tenant: string | undefined
  readonly userId: string | undefined
  readonly key: string
  readonly summaryKey: string
}

type ScriptArguments = readonly (string | number)[]

/** What Redis answers for a summary that did not outlive its session. */
const NO_COPY = '-'

/**
 * Runs the scripts of one session: adds what every one of them takes, and turns their refusals into errors. Knows nothing of
 * what the records hold.
 */
export class SessionStore {
  constructor(
    private readonly connection: RedisConnection,
    private readonly order: WriteOrder,
    private readonly seqs: LastSeqs,
    private readonly ledger: CorruptLedger,
    readonly options: ResolvedMemoryOptions,
    readonly target: SessionTarget,
  ) {}

  /** The ttl that a use of the session gives it, in ms. */
  get ttl(): number {
    return this.options.session.ttl
  }

  /** The deadline of a call that begins now; a call that takes several of the methods below hands it to each. */
  deadline(): Deadline {
    return this.connection.deadline()
  }

  /** Answers `FOUND` and what the script read, `ABSENT`, or `DELETED`. @throws MemoryError */
  async read(
    script: Script,
    ttl: number,
    args: readonly (string | number)[] = [],
    deadline?: Deadline,
  ): Promise<ScriptReply> {
    const details: CallDetails = { kind: 'read', sessionId: this.target.id }
    const reply = await runScript<ScriptReply>(
      this.connection,
      script,
      this.target.key,
      [ttl, this.target.userId ?? '', ...args],
      details,
      deadline,
    )
    if (READ.has(reply[0])) return reply
    throw refusal(reply, details)
  }

  /**
   * Runs a write of this process in the order of the calls: see WriteOrder.
   *
   * @param alone no other write to the session begins before this one has settled
   * @throws MemoryError
   */
  async inOrder<T>(operationId: string, deadline: Deadline, alone: boolean, write: () => Promise<T>): Promise<T> {
    try {
      return await this.order.run(this.target.key, write, deadline, alone)
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error
      const details = { sessionId: this.target.id, operationId }
      // An earlier write waits for a connection, and this one with it.
      const outage = this.connection.outage(deadline, details)
      if (outage !== undefined) throw outage
      throw new MemoryTimeoutError(`other writes to the session gave ${error.message}`, 'no', details)
    }
  }

  /**
   * Answers what the script does when it was executed, now or before. What Redis alone knows is learnt from its refusal, which
   * costs another round trip: that the session does not exist, so that a summary may have outlived an earlier one of its id;
   * its last seq, for arguments that are made for it; that the operation was made under another key.
   *
   * @param args of the script itself; or what makes them out of the last seq
   * @throws MemoryError
   */
  async write(
    script: Script,
    operation: Operation,
    expectedVersion: Version | undefined,
    args: ScriptArguments | ((lastSeq: number) => ScriptArguments),
    deadline: Deadline,
  ): Promise<ScriptReply> {
    const { session } = this.options
    const { key, id: sessionId, userId } = this.target
    const details: CallDetails = { kind: 'write', sessionId, operationId: operation.id }
    let [code, ...otherCodes] = operation.codes
    let outlived = ''
    for (;;) {
      const common = [session.ttl, session.lifetime, code, userId ?? '', expectedVersion ?? '', outlived]
      const own = typeof args === 'function' ? args(this.seqs.get(key)) : args
      const all = [...common, this.ledger.linesOf(key), ...own]
      const reply = await runScript<ScriptReply>(this.connection, script, key, all, details, deadline)
      const [other] = otherCodes
      if (reply[0] === 'ABSENT' && outlived === '') {
        outlived = (await this.outlivedSummary(deadline)) ?? NO_COPY
      } else if (reply[0] === 'SEQ') {
        this.seqs.set(key, Number(reply[1]))
      } else if (reply[0] === 'REUSED' && other !== undefined) {
        code = other
        otherCodes = otherCodes.slice(1)
      } else if (DONE.has(reply[0])) {
        return reply
      } else {
        throw refusal(reply, details)
      }
      // One that has lost every race so far does not go on for ever.
      deadline.check()
    }
  }

  /** What an append answered: the next one is made for the seq after it. */
  learnLastSeq(seq: number): void {
    this.seqs.set(this.target.key, seq)
  }

  /** What stands under the summary's own key. @throws MemoryError */
  async outlivedSummary(deadline?: Deadline): Promise<string | undefined> {
    const details: CallDetails = { kind: 'read', sessionId: this.target.id }
    return (await this.connection.run((client) => client.get(this.target.summaryKey), details, deadline)) ?? undefined
  }

  /**
   * The second half of a write that concerns the summary: keeps it, or the mark that there is none, beyond the session. An
   * older one never replaces a newer, unless forced, so the whole write may be repeated. Answers whether it stands now.
   */
  async keepSummary(
    copy: string,
    ttl: number,
    how: 'force' | '',
    { id: operationId }: Operation,
    deadline: Deadline,
  ): Promise<boolean> {
    const details: CallDetails = { kind: 'write', sessionId: this.target.id, operationId }
    const args = [copy, ttl, how]
    return (
      (await runScript<number>(this.connection, copySummaryScript, this.target.summaryKey, args, details, deadline)) ===
      1
    )
  }

  /**
   * Puts what holds the same into the place of the summary's copy that has this digest. Answers whether that one stood yet.
   *
   * @throws MemoryError
   */
  async replaceCopy(sha1: string, copy: string, deadline: Deadline): Promise<boolean> {
    const details: CallDetails = { kind: 'read', sessionId: this.target.id }
    const args = [sha1, copy]
    return (
      (await runScript<number>(this.connection, resealCopyScript, this.target.summaryKey, args, details, deadline)) ===
      1
    )
  }
}

const READ: ReadonlySet<string> = new Set(['FOUND', 'ABSENT', 'DELETED'])
const DONE: ReadonlySet<string> = new Set(['STORED', 'DUPLICATE', 'NOTHING', 'MERGE'])

/** What a script refused, as an error. Each word is documented in the script that says it. */
const refusal = ([word, ...rest]: ScriptReply, details: Omit<CallDetails, 'kind'>): MemoryError => {
  const [first, second] = rest.map(String)
  switch (word) {
    case 'OWNER':
    case 'ABSENT':
      return new SessionNotFoundError('there is no such session for this user', details)
    case 'DELETED':
      return new SessionDeletedError('the session was deleted after this write was first made', details)
    case 'REUSED':
      return new MemoryConflictError(
        'OPERATION_REUSED',
        'the operationId was used before, for another payload; give every write its own',
        details,
      )
    case 'VERSION':
      return new MemoryConflictError(
        'VERSION_MISMATCH',
        `the session has changed: its version is ${first}; read it again and decide anew`,
        { ...details, path: 'options.expectedVersion' },
      )
    case 'FIELD_VERSION':
      return new MemoryConflictError(
        'VERSION_MISMATCH',
        `the state field has changed: its version is ${second}; read it again and decide anew`,
        { ...details, path: `options.expectedVersions.${first}` },
      )
    case 'SUMMARY':
      return new MemoryConflictError(
        'SUMMARY_REPLACED',
        `another summary stands: its version is ${first}; read it again and decide anew`,
        { ...details, path: 'summary.replaces' },
      )
    case 'BASE':
      return new MemoryConflictError(
        'VERSION_MISMATCH',
        'a message that the summary covers was edited or removed since it was read; read it again',
        { ...details, path: 'summary.basedOn' },
      )
    case 'RANGE':
      return new MemoryInvalidError(
        {
          path: 'summary.coversSeq',
          given: 'a seq out of range',
          allowed: `${first} (what the summary before it covers) to ${second} (the last message)`,
        },
        details,
      )
    case 'FULL':
      return new MemoryFullError('SESSION_FULL', 'the session is at maxMessages or maxBytes', details)
    case 'UNREADABLE':
      return new MemoryCorruptError(
        'the value to patch cannot be read; set it as a whole, or see session.quarantine()',
        { ...details, path: `values.${first}` },
      )
    case 'CHANGED':
      return new MemoryConflictError(
        'VERSION_MISMATCH',
        'the record is another by now; read the quarantine again',
        details,
      )
    case 'FIELD_SIZE':
      return new MemoryTooLargeError('the patch would make the state field larger than maxMessageBytes', {
        ...details,
        path: `values.${first}`,
      })
    case 'FIELDS':
      return new MemoryTooLargeError('the session would have too many state fields', details)
    default:
      return new MemoryCorruptError('the script answered what this version does not know', details)
  }
}
