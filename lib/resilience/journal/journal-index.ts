import { LedgerCount } from './ledger.js'

/** What is known in memory of an entry: all but its text. */
export interface IndexedEntry {
  readonly id: number
  readonly session: string
  readonly at: number
  readonly bytes: number
  readonly checksum: number
}

/** The mark that set an entry aside. */
export interface IndexedMark {
  readonly bytes: number
  readonly checksum: number
}

interface AsideEntry extends IndexedEntry {
  readonly mark: IndexedMark
}

/** Which entries there are, by session and in order. */
export class JournalIndex {
  private readonly waiting = new Map<number, IndexedEntry>()
  private readonly aside = new Map<number, AsideEntry>()
  private readonly bySession = new Map<string, Set<number>>()
  /** Of entries, marks and those set aside. */
  bytes = 0

  constructor(readonly ledger = new LedgerCount()) {}

  get size(): number {
    return this.waiting.size
  }

  get asideSize(): number {
    return this.aside.size
  }

  get oldest(): IndexedEntry | undefined {
    return this.waiting.values().next().value
  }

  get entries(): Iterable<IndexedEntry> {
    return this.waiting.values()
  }

  get sessions(): string[] {
    return [...this.bySession.keys()]
  }

  get asideIds(): number[] {
    return [...this.aside.keys()]
  }

  idsOf(session: string): number[] {
    return [...(this.bySession.get(session) ?? [])]
  }

  has(session: string): boolean {
    return this.bySession.has(session)
  }

  isWaiting(id: number): boolean {
    return this.waiting.has(id)
  }

  isAside(id: number): boolean {
    return this.aside.has(id)
  }

  /** Entries come with rising ids. */
  add(entry: IndexedEntry): void {
    const ids = this.bySession.get(entry.session)
    if (ids === undefined) this.bySession.set(entry.session, new Set([entry.id]))
    else ids.add(entry.id)
    this.waiting.set(entry.id, entry)
    this.count(entry)
  }

  remove(id: number): void {
    const entry = this.take(id)
    if (entry !== undefined) this.discount(entry)
  }

  setAside(id: number, mark: IndexedMark): void {
    const entry = this.take(id)
    if (entry === undefined) return
    this.aside.set(id, { ...entry, mark })
    this.count(mark)
  }

  dropAside(id: number): void {
    const entry = this.aside.get(id)
    if (entry === undefined) return
    this.aside.delete(id)
    this.discount(entry)
    this.discount(entry.mark)
  }

  private take(id: number): IndexedEntry | undefined {
    const entry = this.waiting.get(id)
    if (entry === undefined) return undefined
    this.waiting.delete(id)
    const ids = this.bySession.get(entry.session)!
    ids.delete(id)
    if (ids.size === 0) this.bySession.delete(entry.session)
    return entry
  }

  private count({ bytes, checksum }: IndexedMark): void {
    this.bytes += bytes
    this.ledger.add(checksum)
  }

  private discount({ bytes, checksum }: IndexedMark): void {
    this.bytes -= bytes
    this.ledger.remove(checksum)
  }
}
