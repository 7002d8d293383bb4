/** A write to be kept until Redis is back. */
export interface NewJournalEntry {
  /** The key of the session in Redis; any text. */
  readonly session: string
  readonly operationId: string
  /** When the write was made, wall clock, in ms. */
  readonly at: number
  /** What is needed to make it, encrypted where encryption is on. */
  readonly text: string
}

/** A write as it stands in the journal. */
export interface JournalEntry extends NewJournalEntry {
  /** Its number in the journal: greater than that of any entry added before, also before a restart. */
  readonly id: number
}

/** A write that could not be made, kept for a human to look at. */
export interface AsideEntry extends JournalEntry {
  readonly reason: string
  /** When it was set aside, wall clock, in ms. */
  readonly asideAt: number
}

/** What a journal holds. @publicApi */
export interface JournalStatus {
  /** Writes that wait to be made. */
  readonly entries: number
  /** What counts against `maxBytes`: the writes that wait, and those set aside. */
  readonly bytes: number
  /** When the oldest waiting write was made, wall clock, in ms; `undefined` when none waits. */
  readonly oldestAt: number | undefined
  /** Writes set aside. */
  readonly aside: number
  /** Whether the disk failed, so that nothing can be added until the journal was closed and opened again. */
  readonly failed: boolean
}

/** Where a journal is, and how much it takes. */
export interface JournalSettings {
  readonly directory: string
  readonly maxBytes: number
  /** Age from which an entry is outdated, in ms. */
  readonly maxAge: number
}
