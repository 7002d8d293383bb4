import { performance } from 'node:perf_hooks'
import type { KeyProvider } from '../../options/serialization-options.interface.js'
import { encryptionKey, type EncryptionKey } from './encryption-key.js'
import { KeyUnavailable } from './key-unavailable.js'
import type { KeyRing } from './key-ring.interface.js'

/** A question that hangs is the caller's deadline to end; after this time, in ms, the next call no longer waits for it. */
const PATIENCE = 10_000
/** Ids come out of Redis: who can write there must not flood the provider with one read. */
const MAX_QUESTIONS = 128

interface Question {
  readonly answered: Promise<void>
  readonly askedAt: number
}

/**
 * Keys from a provider. One that it gave is kept; one that does not exist, or a failure, is not: what was just created or
 * repaired is there with the next call. Calls at the same time share one question for a key.
 */
export class ProvidedKeys implements KeyRing {
  readonly keys = new Map<string, EncryptionKey>()
  private readonly questions = new Map<string, Question>()

  /** @param now a clock that never goes back, ms */
  constructor(
    private readonly provider: KeyProvider,
    private readonly now: () => number = () => performance.now(),
  ) {}

  load(ids: Iterable<string>): Promise<void> | undefined {
    const missing = new Set<string>()
    for (const id of ids) {
      if (!this.keys.has(id)) missing.add(id)
      if (missing.size === MAX_QUESTIONS) break
    }
    if (missing.size === 0) return undefined
    return Promise.all([...missing].map((id) => this.answerTo(id))).then(() => undefined)
  }

  private answerTo(id: string): Promise<void> {
    const now = this.now()
    const open = this.questions.get(id)
    if (open !== undefined && now - open.askedAt < PATIENCE) return open.answered
    const answered = this.ask(id).finally(() => {
      if (this.questions.get(id)?.answered === answered) this.questions.delete(id)
    })
    this.questions.set(id, { answered, askedAt: now })
    return answered
  }

  private async ask(id: string): Promise<void> {
    const bytes = await this.provided(id)
    if (bytes !== undefined) this.keys.set(id, encryptionKey(id, bytes))
  }

  private async provided(id: string): Promise<Uint8Array | undefined> {
    try {
      return await this.provider(id)
    } catch (error) {
      throw new KeyUnavailable(`the key provider failed for key "${id}"`, error)
    }
  }
}
