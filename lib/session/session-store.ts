import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import type { Version } from '../model/record.interface.js'
import type { OperationName } from '../observability/memory-events.js'
import type { Circumstances, MemoryTelemetry } from '../observability/memory-telemetry.js'
import { currentOperation } from '../observability/observed-operation.js'
import { weighing } from '../observability/payload-bytes.js'
import type { ResolvedMemoryOptions } from '../options/resolved-options.interface.js'
import type { CallDetails } from '../redis/classify-error.js'
import { DeadlineExceeded, type Deadline } from '../redis/deadline.js'
import type { ServerRun } from '../redis/server-run.js'
import { storedBy, type StoredBy } from '../redis/replication/stored-by.js'
import { runScript, type ScriptReply } from '../redis/run-script.js'
import { ScriptLostError } from '../redis/script-lost.error.js'
import type { Script } from '../redis/scripts/script.interface.js'
import { copySummaryScript, resealCopyScript } from '../redis/scripts/scripts.generated.js'
import type { HeldBytes } from '../resilience/in-flight.js'
import type { Attempt, Resilience } from '../resilience/resilience.js'
import type { CorruptLedger } from './corrupt-ledger.js'
import type { Healing } from './healing/healing.js'
import { recentWrite } from './healing/recent-write.js'
import { TakenBackError } from './healing/taken-back.error.js'
import type { LastSeqs } from './last-seqs.js'
import type { LockQueue } from './lock/lock-queue.js'
import type { Losses, Testimony } from './loss/losses.js'
import type { NearCache } from './near-cache/near-cache.js'
import type { Operation } from './operation.js'
import type { Outage } from './outage/outage.js'
import { refusal } from './refusal.js'
import type { SessionTarget } from './session-target.interface.js'
import type { SummaryCopies } from './summary-copies.js'
import type { UnansweredOperations } from './unanswered-operations.js'
import { Overtaken, type InOrder, type WriteOrder } from './write-order.js'

type ScriptArgument = string | number
type ScriptArguments = readonly ScriptArgument[]

/** What the sessions of one memory share. */
export interface SharedBySessions {
  readonly resilience: Resilience
  readonly order: WriteOrder
  readonly seqs: LastSeqs
  readonly ledger: CorruptLedger
  readonly losses: Losses
  readonly copies: SummaryCopies
  readonly unanswered: UnansweredOperations
  readonly locks: LockQueue
  readonly outage: Outage
  /** `undefined` where the options want none. */
  readonly healing: Healing | undefined
  readonly telemetry: MemoryTelemetry
  readonly options: ResolvedMemoryOptions
}

/** What Redis answers for a summary that did not outlive its session. */
const NO_COPY = '-'

/**
 * Runs the scripts of one session: adds what every one of them takes, and turns their refusals into errors. Knows nothing of
 * what the records hold.
 */
export class SessionStore {
  constructor(
    readonly shared: SharedBySessions,
    readonly target: SessionTarget,
    /** Whether it makes again what others wait for. */
    private readonly heals = false,
  ) {}

  get options(): ResolvedMemoryOptions {
    return this.shared.options
  }

  /** What this process saw last, where it keeps that. */
  get cache(): NearCache | undefined {
    return this.shared.outage.cache
  }

  /**
   * The cache, where it may learn from what Redis answers: not while writes wait in the journal, which it shows as if they were
   * made, and so would show twice, or not at all, when some of them are.
   */
  get taughtCache(): NearCache | undefined {
    const { outage } = this.shared
    return outage.hasWaiting(this.target.key) ? undefined : outage.cache
  }

  /**
   * Makes what this process has to make first: what a failover took back, then what waits in the journal; `undefined` when there is
   * nothing.
   *
   * @throws MemoryError when Redis is away; MemoryLostError, once, for what could not be made again
   */
  catchUp(deadline: Deadline): Promise<void> | undefined {
    const { key } = this.target
    return this.isBehind || this.shared.outage.hasWaiting(key) ? this.makeFirst(deadline) : undefined
  }

  private async makeFirst(deadline: Deadline): Promise<void> {
    const { healing, outage } = this.shared
    const { key, id: sessionId } = this.target
    if (healing !== undefined && this.isBehind) {
      await deadline.race(healing.heal(key)).catch((error: unknown) => {
        if (!(error instanceof DeadlineExceeded)) throw error
        const message = `what another server had taken over without was not made again in time: ${error.message}`
        throw new MemoryTimeoutError(message, 'no', { sessionId })
      })
    }
    if (outage.hasWaiting(key)) await outage.makeWaiting(key, deadline)
  }

  /** Whether another server has taken over, maybe without what this process knows to be stored. */
  private get isBehind(): boolean {
    return !this.heals && this.shared.healing?.isDue(this.target.key) === true
  }

  /** The ttl that a use of the session gives it, in ms. */
  get ttl(): number {
    return this.options.session.ttl
  }

  /** Runs a call of the application, and tells of it. @param circumstances see MemoryTelemetry.observe */
  observe<T>(
    operation: OperationName,
    work: () => Promise<T>,
    circumstances?: (result: T) => Circumstances,
  ): Promise<T> {
    return this.shared.telemetry.observe(operation, this.target, work, circumstances)
  }

  /** The deadline of a call that begins now; a call that takes several of the methods below hands it to each. */
  deadline(): Deadline {
    return this.shared.resilience.deadline()
  }

  /** For what a read holds of its records; to be released when it has been answered. */
  reading(): HeldBytes {
    return this.shared.resilience.reading({ kind: 'read', sessionId: this.target.id })
  }

  /**
   * Runs a script on the session's key that is safe to repeat and has arguments of its own alone.
   *
   * @param keys where it is run on others, of the same slot
   * @throws MemoryError
   */
  call<Reply>(
    script: Script,
    args: ScriptArguments,
    kind: 'read' | 'write',
    deadline: Deadline,
    keys: readonly string[] = [this.target.key],
  ): Promise<Reply> {
    const details: CallDetails = { kind, sessionId: this.target.id }
    return this.attempts(details, deadline, () => this.run<Reply>(script, keys, () => args, details, deadline))
  }

  /**
   * Answers `FOUND` and what the script read; `ABSENT` and the copy of a summary that outlived the session, if there is one; or
   * `DELETED`.
   *
   * @throws MemoryError
   */
  async read(
    script: Script,
    ttl: number,
    args: ScriptArguments = [],
    deadline: Deadline = this.deadline(),
  ): Promise<ScriptReply> {
    const { losses } = this.shared
    const { key, userId } = this.target
    const testimony = losses.testimony(key)
    const reply = await this.call<ScriptReply>(script, [ttl, userId ?? '', ...args], 'read', deadline)
    const details = { sessionId: this.target.id }
    switch (reply[0]) {
      case 'FOUND': {
        const [version, life] = [String(reply[1]), String(reply[2])]
        const isLoss = testimony.known !== undefined && !losses.follows(testimony.known, version, life)
        if (isLoss && this.isBehind) return this.readAgain(script, ttl, args, deadline)
        if (isLoss) losses.forget(key)
        this.saw(version, life)
        // What is there now is what there is: it is said once.
        if (isLoss) await losses.changed(this.target, testimony, deadline, details)
        return reply
      }
      case 'ABSENT': {
        if (this.isBehind) return this.readAgain(script, ttl, args, deadline)
        const copy = await this.outlivedSummary(deadline)
        await losses.gone(this.target, testimony, copy, Number(reply[1]), deadline, details)
        return ['ABSENT', copy]
      }
      case 'DELETED':
        losses.forget(key)
        return ['DELETED']
      default:
        throw refusal(reply, details)
    }
  }

  private async readAgain(
    script: Script,
    ttl: number,
    args: ScriptArguments,
    deadline: Deadline,
  ): Promise<ScriptReply> {
    await this.catchUp(deadline)
    deadline.check()
    return this.read(script, ttl, args, deadline)
  }

  /**
   * Runs a write of this process: its attempts, in the order of the calls (see WriteOrder).
   *
   * @param bytes that the call holds
   * @param alone no other write to the session begins before this one has settled
   * @param otherwise what to do when all of them failed; gets what runs it in the order of the calls, where that matters
   * @throws MemoryError
   */
  async inOrder<T>(
    operationId: string,
    deadline: Deadline,
    bytes: number,
    alone: boolean,
    write: (earlier: Attempt) => Promise<T>,
    otherwise: (error: unknown, inOrder: InOrder) => Promise<T>,
  ): Promise<T> {
    const { resilience, order } = this.shared
    const details: CallDetails = { kind: 'write', sessionId: this.target.id, operationId }
    const place = order.join(this.target.key, alone)
    try {
      const attempt = (earlier: Attempt): Promise<T> =>
        inItsPlace(() => place.attempt(() => write(earlier), deadline)).catch((error: unknown) => {
          throw this.outOfOrder(error, deadline, details)
        })
      return await resilience.call(details, deadline, bytes, attempt, async (error) => {
        try {
          return await otherwise(error, (keep) => place.keep(keep))
        } catch (failure) {
          throw failure instanceof Overtaken ? error : failure
        }
      })
    } finally {
      // Not before: nothing that was called later is sent while this is kept elsewhere.
      place.leave()
    }
  }

  /**
   * Answers what the script does when it was executed, now or before. What Redis alone knows is learnt from its refusal, which
   * costs another round trip: that the session does not exist, so that a summary may have outlived an earlier one of its id;
   * its last seq, for arguments that are made for it; that the operation was made under another key; its time.
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
    const { seqs, ledger, losses, resilience } = this.shared
    const { session } = this.options
    const { key, id: sessionId, userId } = this.target
    const testimony = this.testimonyOf(operation)
    const { replication } = resilience.connection
    const details: CallDetails = { kind: 'write', sessionId, operationId: operation.id }
    let { server } = this
    const checkServer = (): void => {
      if (this.isBehind) throw new TakenBackError(details)
      server = this.server
    }
    let [code, ...otherCodes] = operation.codes
    let outlived = ''
    let known = knownArgument(testimony)
    for (;;) {
      const common = [session.ttl, session.lifetime, code, userId ?? '', expectedVersion ?? '', outlived]
      const own = typeof args === 'function' ? args(seqs.get(key)) : args
      let sentTo: StoredBy | undefined
      const all = (): ScriptArguments => {
        checkServer()
        sentTo = replication?.serverOf(key)
        const made = [operation.fence ?? '', operation.age(), this.until(deadline), known]
        return [...common, ledger.linesOf(key), ...made, ...own]
      }
      const reply = await this.run<ScriptReply>(script, [key], all, details, deadline, true)
      const [other] = otherCodes
      const isLoss = reply[0] === 'LOST' || (reply[0] === 'ABSENT' && testimony !== undefined)
      if (isLoss && this.isBehind) throw new TakenBackError(details)
      if (reply[0] === 'ABSENT' && reply[1] !== undefined) {
        const copy = await this.copy(deadline)
        // Who was told of the loss, or empties the session, begins it anew.
        if (testimony !== undefined && !testimony.reported) {
          await losses.gone(this.target, testimony, copy, Number(reply[1]), deadline, details)
        }
        outlived = copy ?? NO_COPY
      } else if (reply[0] === 'LOST') {
        losses.forget(key)
        if (testimony !== undefined) await losses.changed(this.target, testimony, deadline, details)
        known = ''
      } else if (reply[0] === 'LATE') {
        resilience.connection.setServerTime(key, Number(reply[1]))
      } else if (reply[0] === 'SEQ') {
        seqs.set(key, Number(reply[1]))
      } else if (reply[0] === 'REUSED' && other !== undefined) {
        code = other
        otherCodes = otherCodes.slice(1)
      } else if (DONE.has(reply[0])) {
        if (reply[0] === 'STORED' && reply[2] !== '') this.saw(String(reply[1]), String(reply[2]))
        const recent = recentWrite(this.target, operation, server, reply)
        if (recent !== undefined) this.shared.healing?.stored(recent)
        if (reply[0] !== 'NOTHING') operation.stored?.(storedBy(sentTo, replication?.serverOf(key)))
        return reply
      } else {
        throw refusal(reply, details)
      }
      // One that has lost every race so far does not go on for ever.
      deadline.check()
    }
  }

  /** What was known when the call began; or since, when the session was healed meanwhile. */
  private testimonyOf({ testimony }: Operation): Testimony | undefined {
    const { healing, losses } = this.shared
    const { key } = this.target
    const isOld = testimony !== undefined && healing?.wasHealedSince(key, testimony.takenAt) === true
    return isOld ? losses.testimony(key) : testimony
  }

  private get server(): ServerRun {
    return this.shared.resilience.connection.serverOf(this.target.key)
  }

  private saw(version: Version, life: string): void {
    const { losses, seqs } = this.shared
    const { key } = this.target
    if (!losses.saw(key, version, life)) seqs.forget(key)
  }

  /** What an append answered: the next one is made for the seq after it. */
  learnLastSeq(seq: number): void {
    this.shared.seqs.set(this.target.key, seq)
  }

  /** The session was deleted: that it is gone is no loss. */
  forget(): void {
    this.shared.losses.forget(this.target.key)
  }

  /** What stands under the summary's own key. @throws MemoryError */
  async outlivedSummary(deadline: Deadline): Promise<string | undefined> {
    return this.attempts({ kind: 'read', sessionId: this.target.id }, deadline, () => this.copy(deadline))
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
    const { summaryKey } = this.target
    return (await this.run<number>(copySummaryScript, [summaryKey], () => [copy, ttl, how], details, deadline)) === 1
  }

  /**
   * Puts what holds the same into the place of the summary's copy that has this digest. Answers whether that one stood yet.
   *
   * @throws MemoryError
   */
  async replaceCopy(sha1: string, copy: string, deadline: Deadline): Promise<boolean> {
    const details: CallDetails = { kind: 'read', sessionId: this.target.id }
    const { summaryKey } = this.target
    return (await this.run<number>(resealCopyScript, [summaryKey], () => [sha1, copy], details, deadline)) === 1
  }

  private run<Reply>(
    script: Script,
    keys: readonly string[],
    args: () => ScriptArguments,
    details: CallDetails,
    deadline: Deadline,
    inOrder = false,
  ): Promise<Reply> {
    const { resilience } = this.shared
    const operation = currentOperation()
    if (operation === undefined) return runScript<Reply>(resilience, script, keys, args, details, deadline, inOrder)
    return weighing(operation, args, (weighed) =>
      runScript<Reply>(resilience, script, keys, weighed, details, deadline, inOrder),
    )
  }

  private attempts<T>(details: CallDetails, deadline: Deadline, attempt: () => Promise<T>): Promise<T> {
    return this.shared.resilience.call(details, deadline, 0, attempt)
  }

  private async copy(deadline: Deadline): Promise<string | undefined> {
    const details: CallDetails = { kind: 'read', sessionId: this.target.id }
    const { resilience } = this.shared
    const { summaryKey } = this.target
    return (await resilience.run(summaryKey, (client) => client.get(summaryKey), details, deadline)) ?? undefined
  }

  /** The server's time at which nobody waits for the write any more: one that is held up must not come as a ghost. */
  private until(deadline: Deadline): number | '' {
    const now = this.shared.resilience.connection.serverTime(this.target.key)
    return now === undefined ? '' : Math.ceil(now + deadline.remaining)
  }

  private outOfOrder(error: unknown, deadline: Deadline, details: CallDetails): unknown {
    const ids = { sessionId: this.target.id, operationId: details.operationId }
    if (error instanceof Overtaken) {
      const message = 'a later write to the session was made meanwhile; this one was not repeated, to keep their order'
      return new MemoryUnavailableError(message, 'no', { ...ids, cause: error })
    }
    if (!(error instanceof DeadlineExceeded)) return error
    // An earlier write waits for a connection, and this one with it.
    const outage = this.shared.resilience.connection.outage(deadline, ids)
    return outage ?? new MemoryTimeoutError(`other writes to the session gave ${error.message}`, 'no', ids)
  }
}

const knownArgument = (testimony: Testimony | undefined): string =>
  testimony?.known === undefined
    ? ''
    : `${testimony.known.version} ${testimony.known.created} ${testimony.known.expires}`

/** A script may be lost again before it is run, and one server be followed by another. */
const MOST_TIMES = 3

/**
 * An attempt is made again, in its place, when the server only did not know the script, which it does now; or did not have what
 * comes before, which is made again first.
 */
const inItsPlace = async <T>(attempt: () => Promise<T>): Promise<T> => {
  for (let times = 1; ; times++) {
    try {
      return await attempt()
    } catch (error) {
      const isRepeated = error instanceof ScriptLostError || error instanceof TakenBackError
      if (!isRepeated || times === MOST_TIMES) throw error
    }
  }
}

const DONE: ReadonlySet<string> = new Set(['STORED', 'DUPLICATE', 'NOTHING', 'MERGE'])
