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
import { copySummaryScript } from '../redis/scripts/scripts.generated.js'
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
   * Answers what the script does when it was executed, now or before. A session that does not exist yet is looked up a second
   * time, with the summary that may have outlived an earlier one of its id.
   *
   * @throws MemoryError
   */
  async write(
    script: Script,
    operation: Operation,
    expectedVersion: Version | undefined,
    args: readonly (string | number)[],
    deadline: Deadline = this.deadline(),
  ): Promise<ScriptReply> {
    const { session } = this.options
    const details: CallDetails = { kind: 'write', sessionId: this.target.id, operationId: operation.id }
    const run = (outlived: string): Promise<ScriptReply> =>
      runScript<ScriptReply>(
        this.connection,
        script,
        this.target.key,
        [
          session.ttl,
          session.lifetime,
          operation.code,
          this.target.userId ?? '',
          expectedVersion ?? '',
          outlived,
          ...args,
        ],
        details,
        deadline,
      )
    const write = async (): Promise<ScriptReply> => {
      const first = await run('')
      return first[0] === 'ABSENT' ? await run((await this.outlivedSummary(deadline)) ?? NO_COPY) : first
    }
    const reply = await this.order.run(this.target.key, write, deadline).catch((error: unknown) => {
      if (!(error instanceof DeadlineExceeded)) throw error
      throw new MemoryTimeoutError(`an earlier write to the session gave ${error.message}`, 'no', details)
    })
    if (DONE.has(reply[0])) return reply
    throw refusal(reply, details)
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
}

const READ: ReadonlySet<string> = new Set(['FOUND', 'ABSENT', 'DELETED'])
const DONE: ReadonlySet<string> = new Set(['STORED', 'DUPLICATE', 'NOTHING'])

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
