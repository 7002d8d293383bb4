import type { Version } from '../../model/record.interface.js'
import { parseLife } from '../life.js'
import { setNewest } from '../set-newest.js'

const MOST_SESSIONS = 10_000

/** What this process was told of a session last. */
export interface KnownSession {
  readonly version: Version
  /** By the server's clock, in ms; what tells it from another session of the same id. */
  readonly created: string
  /** By the server's clock, in ms: until then it must be there. */
  readonly expires: number
  /** The run of the server that said so. */
  readonly runId: string | undefined
}

const counterOf = (version: Version): number => Number.parseInt(version, 10)

/**
 * The sessions this process saw last: it can testify that they were there, and how far they had come. What Redis answers about
 * one later is held against that.
 */
export class KnownSessions {
  private readonly sessions = new Map<string, KnownSession>()
  private readonly reported = new Set<string>()
  /** What Redis did not follow. */
  private readonly denied = new WeakSet<KnownSession>()
  private losses = 0

  /** How many losses were noticed. */
  get lost(): number {
    return this.losses
  }

  /** What is known of the session, if it must still be there by the server's clock. */
  get(key: string, now: number | undefined): KnownSession | undefined {
    const known = this.sessions.get(key)
    return known === undefined || (now !== undefined && known.expires < now) ? undefined : known
  }

  /** A loss was noticed otherwise. */
  count(): void {
    this.losses++
  }

  /** Redis has answered so about the session. Answers whether it is the one that was known before. */
  saw(key: string, version: Version, life: string, runId: string | undefined): boolean {
    const { created, expires } = parseLife(life)
    const known = this.sessions.get(key)
    this.reported.delete(key)
    const same = known !== undefined && known.created === created
    // Answers may be looked at in another order than they were given in.
    if (same && counterOf(known.version) > counterOf(version) && known.runId === runId) return true
    setNewest(
      this.sessions,
      key,
      { version, created, expires: expires === 0 && same ? known.expires : expires, runId },
      MOST_SESSIONS,
    )
    return same
  }

  /** Whether what Redis answers can have come of what was known before the question was put. */
  follows({ version, created, expires }: KnownSession, found: Version, life: string): boolean {
    const present = parseLife(life)
    if (present.deletion > counterOf(version)) return true
    // One that begins when the time of the other is over is no loss.
    if (present.created !== created) return Number(present.created) >= expires
    if (counterOf(found) < counterOf(version)) return false
    return counterOf(found) > counterOf(version) || found === version
  }

  forget(key: string): void {
    this.sessions.delete(key)
    this.reported.delete(key)
  }

  /** A loss was noticed, by what was known; answers whether it is the first time. */
  report(key: string, known: KnownSession | undefined): boolean {
    if (this.reported.has(key) || (known !== undefined && this.denied.has(known))) return false
    if (known !== undefined) this.denied.add(known)
    this.losses++
    if (this.reported.size >= MOST_SESSIONS) this.reported.clear()
    this.reported.add(key)
    return true
  }

  wasReported(key: string): boolean {
    return this.reported.has(key)
  }
}
