import type { FoundRecords, WindowRequest } from '../window-request.interface.js'
import { CachedSession } from './cached-session.js'
import type { CachedAnswer, SeenAppend, SeenStateWrite, SeenWrite } from './seen.interface.js'

/** How much a near cache holds, in bytes of memory, and what tells it the time. */
export interface NearCacheSettings {
  readonly maxBytes: number
  /** Of the messages of one session. @default an eighth of maxBytes */
  readonly maxSessionBytes?: number
  /** In ms, never going back. @default performance.now() */
  readonly clock?: () => number
}

/**
 * What this process last saw of sessions, to answer reads from while Redis is away. Records are kept as they are stored, so
 * encrypted where encryption is on. The sessions that were used least recently go first.
 */
export class NearCache {
  /** The least recently used first. */
  private readonly sessions = new Map<string, CachedSession>()
  private held = 0

  constructor(private readonly settings: NearCacheSettings) {}

  /** Of all sessions. */
  get bytes(): number {
    return this.held
  }

  /** After a read that found the session. */
  sawRead(key: string, userId: string | undefined, request: WindowRequest, found: FoundRecords): void {
    this.change(key, (session) => session.sawRead(userId, request, found))
  }

  /** After an append that was executed now: not after a duplicate. */
  sawAppend(key: string, userId: string | undefined, append: SeenAppend): void {
    this.change(key, (session) => session.sawAppend(userId, append))
  }

  /** After state was written, with the records as they stand now. */
  sawState(key: string, write: SeenStateWrite): void {
    this.change(key, (session) => session.sawState(write))
  }

  /**
   * After a state write whose records are not known: a patch, or one whose outcome is unknown.
   *
   * @param fields those it named; all when absent
   * @param write what Redis answered, if it did
   */
  forgetState(key: string, fields?: readonly string[], write?: SeenWrite): void {
    if (this.sessions.has(key)) this.change(key, (session) => session.forgetState(fields, write))
  }

  /**
   * A write that waits in the journal: its messages are shown behind the last one that is known. Not the write of another user
   * than the one who may see the session.
   *
   * @param isUnseen whether this process had never seen the session
   * @param lastSeq as far as this process knows it
   * @param records makes the records for the seqs from `first` on
   */
  addWaitingMessages(
    key: string,
    userId: string | undefined,
    isUnseen: boolean,
    lastSeq: number | undefined,
    records: (first: number) => readonly string[],
  ): void {
    this.change(key, (session) => session.addWaitingMessages(userId, isUnseen, lastSeq, records))
  }

  /** The same, for state. */
  addWaitingState(
    key: string,
    userId: string | undefined,
    isUnseen: boolean,
    written: readonly (readonly [field: string, record: string])[],
    removed: readonly string[],
  ): void {
    this.change(key, (session) => session.addWaitingState(userId, isUnseen, written, removed))
  }

  /** Whether anything is known of the session. */
  has(key: string): boolean {
    return this.sessions.has(key)
  }

  /** The record of a state field, where there is one and it is known. */
  stateRecord(key: string, field: string): string | undefined {
    return this.sessions.get(key)?.stateRecord(field)
  }

  /** After a session was deleted, cleared, lost, or changed in a way the cache is not told of. */
  forget(key: string): void {
    const session = this.sessions.get(key)
    if (session === undefined) return
    this.held -= session.bytes
    this.sessions.delete(key)
  }

  /** What a read would have found when it was last known; `undefined` when that is not known in full, or to this user. */
  answer(key: string, userId: string | undefined, request: WindowRequest): CachedAnswer | undefined {
    const session = this.sessions.get(key)
    if (session === undefined) return undefined
    this.sessions.delete(key)
    this.sessions.set(key, session)
    return session.answer(userId, request)
  }

  private change(key: string, change: (session: CachedSession) => void): void {
    const session = this.sessions.get(key) ?? this.newSession()
    const before = this.sessions.delete(key) ? session.bytes : 0
    change(session)
    this.sessions.set(key, session)
    this.held += session.bytes - before
    // One that is too large by itself must not drive out the others first.
    if (session.bytes > this.settings.maxBytes) this.forget(key)
    this.evict()
  }

  private evict(): void {
    for (const key of this.sessions.keys()) {
      if (this.held <= this.settings.maxBytes) return
      this.forget(key)
    }
  }

  private newSession(): CachedSession {
    const { maxBytes, maxSessionBytes = Math.floor(maxBytes / 8), clock = () => performance.now() } = this.settings
    return new CachedSession(maxSessionBytes, clock)
  }
}
