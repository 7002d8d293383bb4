import { checkField } from './check-field.js'
import { checkLog } from './check-log.js'
import { checkReads } from './check-reads.js'
import { Clears } from './clears.js'
import { Findings } from './findings.js'
import type {
  AssignCall,
  Entry,
  HistoryCheckerOptions,
  ReadCall,
  SessionContent,
  WriteCall,
} from './history-checker.interface.js'
import { HistoryReport } from './history-report.js'
import { isJournaled, isStale, outcomeOf } from './outcome-of.js'
import { SessionHistory } from './session-history.js'
import { HungCallError, settleWithin } from './settle-within.js'
import type { WriteHistory, WriteName } from './write-history.js'

const SETTLES_WITHIN_MS = 10_000

/**
 * Records the calls of many writers and readers of a memory and what they were answered, and reports what must not be: see
 * Finding. Every write carries an id that is found again in what is read; calls with the same id are attempts at one write.
 *
 * A call that resolves is acknowledged. One that rejects is what the `executed` of its error says: `'yes'` acknowledged,
 * `'no'` refused, else unknown. A result with `stored: 'journal'` has to be there in the end, and not yet in reads; one with
 * `stale: true` may be old.
 *
 * It knows of the calls of its own process only. Sessions must not be trimmed or expire meanwhile.
 *
 * @publicApi
 */
export class HistoryChecker {
  readonly #settlesWithin: number
  readonly #sessions = new Map<string, SessionHistory>()
  readonly #findings = new Findings()
  #tick = 0
  #calls = 0
  #reads = 0

  constructor({ settlesWithin = SETTLES_WITHIN_MS }: HistoryCheckerOptions = {}) {
    this.#settlesWithin = settlesWithin
  }

  /** Runs a call that appends one entry, and settles as it does. @throws HungCallError; Error for an id in use */
  write<T>(write: WriteCall, call: () => Promise<T>): Promise<T> {
    return this.#attempt(() => this.#session(write.session).write(write, write.content, ++this.#tick), call)
  }

  /** Runs a call that puts a value into a field, and settles as it does. @throws HungCallError; Error for a value in use */
  assign<T>({ writer, session, field, value }: AssignCall, call: () => Promise<T>): Promise<T> {
    const name = { writer, session, id: value }
    return this.#attempt(() => this.#session(session).assignment(name, field, ++this.#tick), call)
  }

  /** Runs a call that removes everything of a session, and settles as it does. @throws HungCallError */
  clear<T>(clear: WriteName, call: () => Promise<T>): Promise<T> {
    return this.#attempt(() => this.#session(clear.session).clear(clear, ++this.#tick), call)
  }

  /**
   * Runs a call that reads a log, and settles as it does.
   *
   * @param toEntries what the answer shows, in its order
   * @throws HungCallError
   */
  async read<T>(
    read: string | ReadCall,
    call: () => Promise<T>,
    toEntries: (result: T) => readonly Entry[],
  ): Promise<T> {
    const { session, of = 'all' } = typeof read === 'string' ? { session: read } : read
    const history = this.#session(session)
    const begun = ++this.#tick
    const result = await this.#settle(call, { session, detail: 'a read' })
    const stale = isStale(result)
    const shown = history.recognize(toEntries(result), this.#findings)
    if (!stale) for (const write of shown) write.seen = true
    history.reads.push({ begun, stale, of, shown })
    this.#reads++
    return result
  }

  /**
   * Runs a call that reads a field, and settles as it does.
   *
   * @param toValue the value it shows; `undefined` for none
   * @throws HungCallError
   */
  async readField<T>(
    { session, field }: { readonly session: string; readonly field: string },
    call: () => Promise<T>,
    toValue: (result: T) => string | undefined,
  ): Promise<T> {
    const history = this.#session(session)
    const begun = ++this.#tick
    const result = await this.#settle(call, { session, detail: `a read of ${field}` })
    const value = toValue(result)
    const shown = history.recognizeValue(field, value, this.#findings)
    // What nobody wrote is a finding already, and says nothing about the writes.
    if (!isStale(result) && (shown !== undefined || value === undefined))
      history.field(field).reads.push({ begun, shown })
    this.#reads++
    return result
  }

  /**
   * Holds everything recorded against what stands in the end: a Map, or `Object.entries` of an object. A session that is not
   * named is taken for empty.
   */
  verify(contents: Iterable<readonly [session: string, content: SessionContent | readonly Entry[]]>): HistoryReport {
    const given = new Map(contents)
    const findings = new Findings()
    const counts = { writes: 0, acknowledged: 0, refused: 0, unknown: 0 }
    for (const session of given.keys()) this.#session(session)
    for (const history of this.#sessions.values()) {
      this.#check(history, contentOf(given.get(history.session)), findings)
      for (const write of writesOf(history)) {
        counts.writes++
        counts[write.outcome]++
      }
    }
    findings.addAll(this.#findings)
    return new HistoryReport({ calls: this.#calls, reads: this.#reads, ...counts }, findings)
  }

  #check(history: SessionHistory, { entries = [], fields = {} }: SessionContent, findings: Findings): void {
    const clears = new Clears(history.clears.values())
    const positions = checkLog(history, history.recognize(entries, findings), clears, findings)
    checkReads(history, positions, clears, findings)
    for (const field of new Set([...history.fields.keys(), ...Object.keys(fields)])) {
      const standing = history.recognizeValue(field, fields[field], findings)
      checkField(field, history.field(field), standing, clears, findings)
    }
  }

  async #attempt<T>(begin: () => WriteHistory, call: () => Promise<T>): Promise<T> {
    const write = begin()
    const { session, id, writer } = write
    write.begin(this.#tick)
    try {
      const result = await this.#settle(call, { session, id, writer, detail: 'a write' })
      write.acknowledge(++this.#tick, !isJournaled(result))
      return result
    } catch (error) {
      const outcome = outcomeOf(error)
      if (outcome === 'acknowledged') write.acknowledge(++this.#tick, true)
      else write.fail(++this.#tick, outcome)
      throw error
    }
  }

  async #settle<T>(call: () => Promise<T>, { detail, ...name }: Parameters<Findings['add']>[1]): Promise<T> {
    this.#calls++
    try {
      return await settleWithin(call, this.#settlesWithin)
    } catch (error) {
      if (error instanceof HungCallError)
        this.#findings.add('hung', { ...name, detail: `${detail} did not settle within ${this.#settlesWithin} ms` })
      throw error
    }
  }

  #session(session: string): SessionHistory {
    let history = this.#sessions.get(session)
    if (history === undefined) this.#sessions.set(session, (history = new SessionHistory(session)))
    return history
  }
}

const contentOf = (content: SessionContent | readonly Entry[] | undefined): SessionContent => {
  if (content === undefined) return {}
  return isEntries(content) ? { entries: content } : content
}

const isEntries = (content: SessionContent | readonly Entry[]): content is readonly Entry[] => Array.isArray(content)

const writesOf = (history: SessionHistory): WriteHistory[] => [
  ...history.writes.values(),
  ...history.clears.values(),
  ...[...history.fields.values()].flatMap(({ writes }) => [...writes.values()]),
]
