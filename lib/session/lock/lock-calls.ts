import { randomUUID } from 'node:crypto'
import { MemoryCorruptError } from '../../errors/memory-corrupt.error.js'
import { SessionNotFoundError } from '../../errors/session-not-found.error.js'
import { Deadline } from '../../redis/deadline.js'
import type { ScriptReply } from '../../redis/run-script.js'
import { lockScript } from '../../redis/scripts/scripts.generated.js'
import type { Script } from '../../redis/scripts/script.interface.js'
import type { Renewable } from './lease.js'

/** What the lock needs of a SessionStore. */
export interface LockStore {
  readonly target: { readonly id: string; readonly userId: string | undefined; readonly key: string }
  deadline(): Deadline
  observe<T>(operation: 'lock', work: () => Promise<T>): Promise<T>
  call<Reply>(
    script: Script,
    args: readonly (string | number)[],
    kind: 'read' | 'write',
    deadline: Deadline,
  ): Promise<Reply>
}

export type AcquireAnswer = { readonly fence: number } | { readonly heldFor: number }

/** One acquisition of a session's lock, as Redis knows it: by a token of its own. Each method throws MemoryError. */
export class LockCalls implements Renewable {
  readonly name = "the session's lock"
  private readonly token = randomUUID()
  /** For one request, in ms. What is held is renewed and released also while the application closes, as long as that goes. */
  private readonly patience: number

  /** @throws MemoryShutdownError */
  constructor(
    private readonly store: LockStore,
    /** Of the lock, in ms. */
    readonly ttl: number,
  ) {
    this.patience = store.deadline().ms
  }

  get sessionId(): string {
    return this.store.target.id
  }

  /** The fence; or for how long, in ms, the lock is another's at the most. May be repeated: Redis knows the token. */
  async acquire(): Promise<AcquireAnswer> {
    const [word, first] = await this.call('acquire', this.store.deadline())
    const { sessionId } = this
    switch (word) {
      case 'HELD':
        return { fence: Number(first) }
      case 'WAIT':
        return { heldFor: Number(first) }
      case 'OWNER':
        throw new SessionNotFoundError('there is no such session for this user', { sessionId })
      default:
        throw new MemoryCorruptError('the script answered what this version does not know', { sessionId })
    }
  }

  /** Whether the lock is still this one's, for a ttl from now; an answer within `ms`. */
  async renew(ms: number): Promise<boolean> {
    const [word] = await this.call('renew', new Deadline(Math.min(ms, this.patience)))
    return word === 'HELD'
  }

  /** Never another's lock. Whether another waits for it. */
  async release(ms: number): Promise<{ readonly awaited: boolean }> {
    const [, awaited] = await this.call('release', new Deadline(Math.min(ms, this.patience)))
    return { awaited: awaited === 1 }
  }

  private call(how: 'acquire' | 'renew' | 'release', deadline: Deadline): Promise<ScriptReply> {
    const args = [how, this.token, this.ttl, this.store.target.userId ?? '']
    return this.store.call<ScriptReply>(lockScript, args, 'write', deadline)
  }
}
