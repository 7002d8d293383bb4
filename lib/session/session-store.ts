import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import type { Version } from '../model/record.interface.js'
import type { OperationName } from '../observability/memory-events.js'
import type { Circumstances, MemoryTelemetry } from '../observability/memory-telemetry.js'
import { currentOperation } from '../observability/observed-operation.js'
import { weighing } from '../observability/payload-bytes.js'
import type { ResolvedMemoryOptions } from '../options/resolved-options.interface.js'
import type { CallDetails } from '../redis/classify-error.js'
import { DeadlineExceeded, type Deadline } from '../redis/deadline.js'
import type { ServerRun } from '../redis/server-run.js'
import { runScript, type ScriptReply } from '../redis/run-script.js'
import type { Script } from '../redis/scripts/script.interface.js'
import { copySummaryScript, resealCopyScript } from '../redis/scripts/scripts.generated.js'
import type { HeldBytes } from '../resilience/in-flight.js'
import type { Resilience } from '../resilience/resilience.js'
import type { CorruptLedger } from './corrupt-ledger.js'
import type { Healing } from './healing/healing.js'
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
import type { WriteOrder } from './write-order.js'

type ScriptArgument = string | number
export type ScriptArguments = readonly ScriptArgument[]

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
    return this.isToCatchUp ? this.makeFirst(deadline) : undefined
  }

  /** Whether this process has to make anything first. */
  get isToCatchUp(): boolean {
    return this.isBehind || this.shared.outage.hasWaiting(this.target.key)
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
  get isBehind(): boolean {
    return !this.heals && this.shared.healing?.isDue(this.target.key) === true
  }

  /** The run of the server that serves it, as far as is known. */
  get server(): ServerRun {
    return this.shared.resilience.connection.topology.runOf(this.target.key)
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
        if (isLoss && this.isTakenBack(testimony)) return this.readAgain(script, ttl, args, deadline)
        if (isLoss) losses.forget(key)
        this.saw(version, life)
        // What is there now is what there is: it is said once.
        if (isLoss) await losses.changed(this.target, testimony, deadline, details)
        return reply
      }
      case 'ABSENT': {
        if (this.isTakenBack(testimony)) return this.readAgain(script, ttl, args, deadline)
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

  /** Whether another server has taken over, and heals the session or has done so since: what was known before does not count. */
  private isTakenBack({ takenAt }: Testimony): boolean {
    return this.isBehind || this.shared.healing?.wasHealedSince(this.target.key, takenAt) === true
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

  /** The session as Redis answered it: what is known of an earlier one of its id is no longer. */
  saw(version: Version, life: string): void {
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

  /**
   * Runs a script once.
   *
   * @param args made when they are sent
   * @throws MemoryError
   */
  run<Reply>(
    script: Script,
    keys: readonly string[],
    args: () => ScriptArguments,
    details: CallDetails,
    deadline: Deadline,
  ): Promise<Reply> {
    const { resilience } = this.shared
    const operation = currentOperation()
    if (operation === undefined) return runScript<Reply>(resilience, script, keys, args, details, deadline)
    return weighing(operation, args, (weighed) =>
      runScript<Reply>(resilience, script, keys, weighed, details, deadline),
    )
  }

  private attempts<T>(details: CallDetails, deadline: Deadline, attempt: () => Promise<T>): Promise<T> {
    return this.shared.resilience.call(details, deadline, 0, attempt)
  }

  /** The same in one attempt. @throws MemoryError */
  async copy(deadline: Deadline): Promise<string | undefined> {
    const details: CallDetails = { kind: 'read', sessionId: this.target.id }
    const { resilience } = this.shared
    const { summaryKey } = this.target
    return (await resilience.run(summaryKey, (client) => client.get(summaryKey), details, deadline)) ?? undefined
  }
}
