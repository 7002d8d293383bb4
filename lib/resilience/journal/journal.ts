import { mkdir, realpath } from 'node:fs/promises'
import { Commits } from './commits.js'
import type {
  AsideEntry,
  JournalEntry,
  JournalSettings,
  JournalStatus,
  NewJournalEntry,
} from './journal-entry.interface.js'
import { directoryUnusable, journalClosed, journalDamaged, journalFull } from './journal-errors.js'
import { asideKey, contentOf, entryKey, entryOf, seal, unseal, type SealedValue } from './journal-record.js'
import type { LevelOperation } from './level.interface.js'
import { loadLevel } from './load-level.js'
import { claimDirectory, releaseDirectory } from './open-directories.js'
import { openStore, sizeOf, type JournalStore } from './open-store.js'

interface OpenJournal extends JournalStore {
  readonly commits: Commits
  readonly directory: string
}

/**
 * Writes that were made while Redis was away, on the local disk and in order.
 *
 * An entry that was acknowledged is there after a crash of the process or the machine, or the journal does not open. One
 * whose `add` was not answered may be there or not.
 */
export class Journal {
  private opened: OpenJournal | undefined

  /** Does no I/O. */
  constructor(private readonly settings: JournalSettings) {}

  /**
   * Creates the directory if need be, and reads what is there.
   *
   * @throws MemoryConfigError when classic-level is missing, or the directory in use or unusable; MemoryCorruptError when acknowledged entries
   * may be missing; MemoryFullError when the disk has no room to open it
   */
  async open(): Promise<void> {
    if (this.opened !== undefined) return
    const level = await loadLevel()
    const directory = await makeDirectory(this.settings.directory)
    claimDirectory(directory)
    try {
      const store = await openStore(level, directory)
      this.opened = { ...store, directory, commits: new Commits(store.level, store.witness, store.index.ledger) }
    } catch (error) {
      releaseDirectory(directory)
      throw error
    }
  }

  /**
   * Keeps a write. Resolves when it is on disk, with its id. Entries are in the order of the calls.
   *
   * @throws MemoryFullError when the journal is at its cap, or the disk fails; then it has to be closed and opened again
   */
  async add(entry: NewJournalEntry): Promise<number> {
    const { index, commits } = this.current()
    commits.check()
    const id = index.ledger.next
    const key = entryKey(id)
    const { value, checksum } = seal(key, contentOf(entry))
    const bytes = sizeOf(key, value)
    if (index.bytes + bytes > this.settings.maxBytes) throw journalFull(this.settings.maxBytes, entry.operationId)
    index.ledger.next++
    index.add({ id, session: entry.session, at: entry.at, bytes, checksum })
    try {
      await commits.add([{ type: 'put', key, value }], id)
    } catch (error) {
      index.remove(id)
      throw error
    }
    return id
  }

  get isOpen(): boolean {
    return this.opened !== undefined
  }

  /** Whether a session has entries that wait; also one that is being written now. */
  has(session: string): boolean {
    return this.current().index.has(session)
  }

  /** Whether an entry waits; also one that is being written now. */
  isWaiting(id: number): boolean {
    return this.opened?.index.isWaiting(id) === true
  }

  /** The sessions with entries that wait, the one that waits longest first. */
  sessions(): string[] {
    return this.current().index.sessions
  }

  /**
   * The waiting entries of a session in order, or the first `most` of them.
   *
   * @throws MemoryCorruptError when one changed on disk since the journal was opened
   */
  async entriesOf(session: string, most = Infinity): Promise<JournalEntry[]> {
    const { index, commits } = this.current()
    await commits.settled()
    return this.read(index.idsOf(session).slice(0, most))
  }

  /**
   * Removes entries that were replayed; an unknown id is passed over. Does not wait for the disk: an entry that comes back
   * after a crash is replayed again under its operation id, which changes nothing.
   *
   * @throws MemoryFullError when the disk fails; what was removed comes back when the journal is opened again
   */
  async remove(ids: readonly number[]): Promise<void> {
    const { index, commits } = this.current()
    const operations: LevelOperation[] = []
    for (const id of ids) {
      if (!index.isWaiting(id)) continue
      index.remove(id)
      operations.push({ type: 'del', key: entryKey(id) })
    }
    if (operations.length > 0) await commits.add(operations)
  }

  /**
   * Takes an entry that cannot be replayed out of the way, and keeps it; an unknown id is passed over.
   *
   * @param reason without user text
   * @throws MemoryFullError when the disk fails
   */
  async setAside(id: number, reason: string): Promise<void> {
    const { index, commits } = this.current()
    if (!index.isWaiting(id)) return
    const key = asideKey(id)
    const { value, checksum }: SealedValue = seal(key, [reason, Date.now()])
    index.setAside(id, { bytes: sizeOf(key, value), checksum })
    await commits.add([{ type: 'put', key, value }], index.ledger.next - 1)
  }

  /** What was set aside, in order. @throws MemoryCorruptError */
  async asideEntries(): Promise<AsideEntry[]> {
    const { index, commits } = this.current()
    await commits.settled()
    const ids = index.asideIds
    const entries = await this.read(ids)
    const marks = await this.valuesOf(ids.map(asideKey))
    return entries.map((entry, place) => {
      const [reason, asideAt] = unsealed(asideKey(entry.id), marks[place], entry.id) as [string, number]
      return { ...entry, reason, asideAt }
    })
  }

  /** Forgets entries that were set aside. @throws MemoryFullError when the disk fails */
  async dropAside(ids: readonly number[]): Promise<void> {
    const { index, commits } = this.current()
    const operations: LevelOperation[] = []
    for (const id of ids) {
      if (!index.isAside(id)) continue
      index.dropAside(id)
      operations.push({ type: 'del', key: entryKey(id) }, { type: 'del', key: asideKey(id) })
    }
    if (operations.length > 0) await commits.add(operations)
  }

  /** The waiting entries that are older than `maxAge`. */
  outdated(now = Date.now()): number[] {
    const ids: number[] = []
    for (const { id, at } of this.current().index.entries) if (now - at > this.settings.maxAge) ids.push(id)
    return ids
  }

  status(): JournalStatus {
    const { index, commits } = this.current()
    return {
      entries: index.size,
      bytes: index.bytes,
      oldestAt: index.oldest?.at,
      aside: index.asideSize,
      failed: commits.failed,
    }
  }

  /** Waits for what is being written. After it the journal can be opened again. */
  async close(): Promise<void> {
    const journal = this.opened
    if (journal === undefined) return
    this.opened = undefined
    await journal.commits.settled()
    try {
      await journal.level.close()
      await journal.witness.close()
    } finally {
      releaseDirectory(journal.directory)
    }
  }

  private async read(ids: readonly number[]): Promise<JournalEntry[]> {
    const values = await this.valuesOf(ids.map(entryKey))
    return ids.map((id, place) => ({ id, ...entryOf(unsealed(entryKey(id), values[place], id)) }))
  }

  private async valuesOf(keys: string[]): Promise<(string | undefined)[]> {
    const { level } = this.current()
    try {
      return await level.getMany(keys)
    } catch (error) {
      // Closed while it was read.
      this.current()
      throw journalDamaged('it cannot be read', error)
    }
  }

  private current(): OpenJournal {
    if (this.opened === undefined) throw journalClosed()
    return this.opened
  }
}

const unsealed = (key: string, value: string | undefined, id: number): unknown => {
  const found = value === undefined ? undefined : unseal(key, value)
  if (found === undefined) throw journalDamaged(`a record of entry ${id} is missing or garbled`)
  return found.content
}

/** Answers its real path. */
const makeDirectory = async (directory: string): Promise<string> => {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    return await realpath(directory)
  } catch (error) {
    throw directoryUnusable(error as NodeJS.ErrnoException)
  }
}
