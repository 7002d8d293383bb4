import type { CallDetails } from '../redis/classify-error.js'
import type { Deadline } from '../redis/deadline.js'
import type { ScriptReply } from '../redis/run-script.js'
import { storedBy, type ServerRun } from '../redis/server-run.js'
import type { Script } from '../redis/scripts/script.interface.js'
import type { Version } from '../model/record.interface.js'
import { TakenBackError } from './healing/taken-back.error.js'
import type { Testimony } from './loss/losses.js'
import type { Operation } from './operation.js'
import { refusal } from './refusal.js'
import type { ScriptArguments, SessionStore } from './session-store.js'

/** What Redis answers for a summary that did not outlive its session. */
const NO_COPY = '-'

const DONE: ReadonlySet<string> = new Set(['STORED', 'DUPLICATE', 'NOTHING', 'MERGE'])

/**
 * Makes one attempt of a write. What Redis alone knows is learnt from its refusal, which costs another round trip: that the session
 * does not exist, so that a summary may have outlived an earlier one of its id; its last seq, for arguments that are made for
 * it; that the operation was made under another key; its time.
 *
 * @param args of the script itself; or what makes them out of the last seq
 * @returns what the script answers when the operation was executed, now or before
 * @throws MemoryError
 */
export const writeScript = (
  store: SessionStore,
  script: Script,
  operation: Operation,
  expectedVersion: Version | undefined,
  args: ScriptArguments | ((lastSeq: number) => ScriptArguments),
  deadline: Deadline,
): Promise<ScriptReply> => new ScriptWrite(store, operation, deadline).make(script, expectedVersion, args)

class ScriptWrite {
  private readonly details: CallDetails
  private readonly testimony: Testimony | undefined
  /** That it was sent to. */
  private server: ServerRun
  /** The code to write with, and those left to ask for. */
  private codes: readonly string[]
  private outlived = ''
  private known: string

  constructor(
    private readonly store: SessionStore,
    private readonly operation: Operation,
    private readonly deadline: Deadline,
  ) {
    this.details = { kind: 'write', sessionId: store.target.id, operationId: operation.id, inOrder: true }
    this.testimony = testimonyOf(store, operation)
    this.server = store.server
    this.codes = operation.codes
    this.known = knownArgument(this.testimony)
  }

  async make(
    script: Script,
    expectedVersion: Version | undefined,
    args: ScriptArguments | ((lastSeq: number) => ScriptArguments),
  ): Promise<ScriptReply> {
    const { store, operation, deadline } = this
    const { session } = store.options
    const { seqs, ledger } = store.shared
    const { key, userId } = store.target
    for (;;) {
      const own = typeof args === 'function' ? args(seqs.get(key)) : args
      const common = [session.ttl, session.lifetime, this.codes[0]!, userId ?? '', expectedVersion ?? '', this.outlived]
      const all = (): ScriptArguments => {
        this.lookAround()
        const made = [operation.fence ?? '', this.age(), this.until(), this.known]
        return [...common, ledger.linesOf(key), ...made, ...own]
      }
      const reply = await store.run<ScriptReply>(script, [key], all, this.details, deadline)
      if (DONE.has(reply[0])) return this.done(reply)
      await this.learn(reply)
      // One that has lost every race so far does not go on for ever.
      deadline.check()
    }
  }

  /** When it is sent, which may be long after the call. */
  private lookAround(): void {
    if (this.store.isBehind) throw new TakenBackError(this.details)
    this.server = this.store.server
  }

  /** As the scripts take it: see includes/write.lua. */
  private age(): string {
    const { operation, testimony } = this
    const age = operation.age()
    // What was learnt since may be younger than an attempt of it.
    return age === '' && operation.isNew === true && testimony === operation.testimony ? 'new' : age
  }

  /** The server's time at which nobody waits for the write any more: one that is held up must not come as a ghost. */
  private until(): number | '' {
    const now = this.store.shared.resilience.connection.topology.timeOf(this.store.target.key)
    return now === undefined ? '' : Math.ceil(now + this.deadline.remaining)
  }

  private done(reply: ScriptReply): ScriptReply {
    const { store, operation, server } = this
    if (reply[0] === 'STORED' && reply[2] !== '') store.saw(String(reply[1]), String(reply[2]))
    store.shared.healing?.stored(store.target, operation, server, reply)
    if (reply[0] !== 'NOTHING') operation.stored?.(storedBy(server, store.server))
    return reply
  }

  /** @throws MemoryError where it does not help to know more */
  private async learn(reply: ScriptReply): Promise<void> {
    const { store, testimony, deadline, details } = this
    const { seqs, losses, resilience } = store.shared
    const { key } = store.target
    const [status, number] = reply
    const isLoss = status === 'LOST' || (status === 'ABSENT' && testimony !== undefined)
    if (isLoss && store.isBehind) throw new TakenBackError(details)
    if (status === 'ABSENT' && number !== undefined) {
      const copy = await store.copy(deadline)
      // Who was told of the loss, or empties the session, begins it anew.
      if (testimony !== undefined && !testimony.reported) {
        await losses.gone(store.target, testimony, copy, Number(number), deadline, details)
      }
      this.outlived = copy ?? NO_COPY
    } else if (status === 'LOST') {
      losses.forget(key)
      if (testimony !== undefined) await losses.changed(store.target, testimony, deadline, details)
      this.known = ''
    } else if (status === 'LATE') {
      resilience.connection.topology.setTimeOf(key, Number(number))
    } else if (status === 'SEQ') {
      seqs.set(key, Number(number))
    } else if (status === 'REUSED' && this.codes.length > 1) {
      this.codes = this.codes.slice(1)
    } else {
      throw refusal(reply, details)
    }
  }
}

/** What was known when the call began; or since, when the session was healed meanwhile. */
const testimonyOf = ({ shared, target }: SessionStore, { testimony }: Operation): Testimony | undefined => {
  const { healing, losses } = shared
  const isOld = testimony !== undefined && healing?.wasHealedSince(target.key, testimony.takenAt) === true
  return isOld ? losses.testimony(target.key) : testimony
}

const knownArgument = (testimony: Testimony | undefined): string =>
  testimony?.known === undefined
    ? ''
    : `${testimony.known.version} ${testimony.known.created} ${testimony.known.expires}`
