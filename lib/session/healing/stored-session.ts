import type { MemoryLostError } from '../../errors/memory-lost.error.js'
import { infoScript } from '../../redis/scripts/scripts.generated.js'
import type { Deadline } from '../../redis/deadline.js'
import type { ScriptReply } from '../../redis/run-script.js'
import { appendMessages } from '../append/append-messages.js'
import { commitSummary } from '../commit-summary.js'
import type { Operation } from '../operation.js'
import { refusal } from '../refusal.js'
import { resetSession } from '../reset-session.js'
import type { SessionRecords } from '../session-records.js'
import type { SessionStore } from '../session-store.js'
import { RedisSessionState } from '../state/redis-session-state.js'
import type { HealableSession, Remade } from './healing.js'
import type { RecentWrite, SeqRange } from './recent-write.interface.js'
import type { Standing } from './standing.js'

/** In ms: messages are looked for wherever the last operations do not say it all. */
const ANY_AGE = Number.MAX_SAFE_INTEGER

/** A session in Redis, to be healed. */
export class StoredSession implements HealableSession {
  constructor(
    private readonly store: SessionStore,
    private readonly records: SessionRecords,
  ) {}

  async standing(): Promise<Standing> {
    const reply = await this.store.call<ScriptReply>(infoScript, [0, ''], 'read', this.store.deadline())
    switch (reply[0]) {
      case 'FOUND':
        return { state: 'found', version: String(reply[1]), lastSeq: Number(reply[6]) }
      case 'ABSENT':
        return { state: 'absent', now: Number(reply[1]) }
      case 'DELETED':
        return { state: 'deleted', now: Number(reply[1]) }
      default:
        throw refusal(reply, { sessionId: this.store.target.id })
    }
  }

  accept(): void {
    const { losses, seqs } = this.store.shared
    const { key } = this.store.target
    losses.forget(key)
    seqs.forget(key)
    this.store.cache?.forget(key)
  }

  async remake(write: RecentWrite): Promise<Remade> {
    const { content, canonical, operationId, seqs } = write
    const deadline = this.store.deadline()
    const details = { kind: 'write', sessionId: this.store.target.id, operationId } as const
    return this.store.shared.resilience.call(details, deadline, canonical.length, async () => {
      const ready = this.records.prepareToWrite(deadline, operationId)
      if (ready !== undefined) await ready
      const named = this.records.operation(operationId, content.kind, canonical, {
        fence: undefined,
        testimony: undefined,
        healable: { content, canonical, former: { writtenAt: write.writtenAt, order: write.order } },
        // A message says by its place whether it is there, however long ago that was: by when it was answered, or when it was
        // found there last, an operation would look younger than it is.
        // A state field says by its time; and of the others, what nobody can tell is not made twice.
        age: () => (content.kind.startsWith('state.') ? '' : `${ANY_AGE} ${seqs === undefined ? '' : seqs.from - 1}`),
      })
      return this.make(named, write, deadline)
    })
  }

  async gone(now: number): Promise<void> {
    const { losses } = this.store.shared
    const { target } = this.store
    const details = { sessionId: target.id }
    // It is said to whoever asks for the session next.
    await losses
      .gone(target, losses.testimony(target.key), undefined, now, this.store.deadline(), details)
      .catch(() => undefined)
  }

  lost(seqs: SeqRange | undefined): MemoryLostError | undefined {
    return this.store.shared.losses.takenBack(this.store.target, seqs)
  }

  private async make(named: Operation, { content, writtenAt }: RecentWrite, deadline: Deadline): Promise<Remade> {
    const { store, records } = this
    switch (content.kind) {
      case 'append': {
        const messages = content.messages.map((message) =>
          message.head.includes(' ') ? message : { ...message, head: `${message.head} ${writtenAt}` },
        )
        const reply = await appendMessages(store, records, messages, named, undefined, deadline)
        const first = Number(reply[3])
        return { duplicate: reply[0] === 'DUPLICATE', seqs: messages.map((_, index) => first + index), outdated: [] }
      }
      case 'clear':
      case 'delete':
        return without((await resetSession(store, content.kind, named, undefined, deadline))[0] === 'DUPLICATE')
      case 'summary.commit':
        return without((await commitSummary(store, records, content.summary, named, deadline)).duplicate)
      default: {
        const state = new RedisSessionState(store, records)
        // Versions are counted anew since: what is newer is told by its time alone.
        const late = { calledAt: writtenAt, age: Date.now() - writtenAt, known: undefined, deadline }
        return state.makeLate(named, content, late)
      }
    }
  }
}

/** Of what has neither messages nor fields. */
const without = (duplicate: boolean): Remade => ({ duplicate, seqs: [], outdated: [] })
