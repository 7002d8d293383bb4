import { parseLife } from '../life.js'
import type { FoundRecords, WindowRequest } from '../window-request.interface.js'
import { shownRange } from './message-range.js'
import { MessageTail } from './message-tail.js'
import { recordBytes } from './record-bytes.js'
import type { CachedAnswer, SeenAppend, SeenStateWrite, SeenWrite } from './seen.interface.js'
import { olderOf, writesOf, type Stamp } from './stamp.js'

/** Of a state field or the summary; `null` when it is known that there is none. */
interface SeenRecord {
  readonly record: string | null
  readonly stamp: Stamp
}

type Clock = () => number

/** What a session takes in memory of which hardly anything is known, with its key: measured, and rounded up. */
const EMPTY_BYTES = 1_300

/** What this process last saw of one session. */
export class CachedSession {
  private stamp: Stamp = { version: '0', at: 0 }
  private owner: string | undefined
  /** How many messages the session keeps. */
  private kept: { readonly count: number; readonly stamp: Stamp } | undefined
  private life: string | undefined
  private serverTime: { readonly now: number; readonly at: number } | undefined
  private tail: MessageTail | undefined
  private summary: SeenRecord | undefined
  private fields = new Map<string, SeenRecord>()
  /** Set when there are no other fields than those. */
  private allFields: Stamp | undefined

  constructor(
    private readonly maxTailBytes: number,
    private readonly clock: Clock,
  ) {}

  get bytes(): number {
    let bytes = EMPTY_BYTES + (this.tail?.bytes ?? 0) + recordBytes(this.summary?.record ?? '')
    for (const [field, { record }] of this.fields) bytes += recordBytes(field) + recordBytes(record ?? '')
    return bytes
  }

  sawRead(userId: string | undefined, request: WindowRequest, found: FoundRecords): void {
    if (this.isOutrun(found)) return
    this.beginAnother(found.life)
    if (found.version === this.stamp.version) this.stamp.at = this.clock()
    else this.stamp = { version: found.version, at: this.clock() }
    this.note(userId, found)
    this.kept = { count: found.kept, stamp: this.stamp }
    if (request.messages !== undefined) this.sawMessages(request.messages, found)
    if (request.summary === true) this.summary = { record: found.summary, stamp: this.stamp }
    if (request.state !== undefined) this.sawFields(request.state, found.state)
  }

  sawAppend(userId: string | undefined, append: SeenAppend): void {
    const { first, records, trimmed = 0 } = append
    this.wrote(append)
    this.owner = userId ?? this.owner
    if (append.kept !== undefined) this.kept = { count: append.kept, stamp: this.stamp }
    else if (first === 1) this.kept = { count: records.length - trimmed, stamp: this.stamp }
    else this.recount(records.length - trimmed)
    const messages = records.map((record, place) => [first + place, record] as const)
    if (this.tail?.last === first - 1) this.tail.append(messages)
    else this.tail = new MessageTail(first, messages, this.maxTailBytes, this.stamp)
    this.fit()
  }

  sawState({ written, removed, ...write }: SeenStateWrite): void {
    this.wrote(write)
    this.trim(write)
    for (const [field, record] of written) this.fields.set(field, { record, stamp: this.stamp })
    for (const field of removed) {
      if (this.allFields === this.stamp) this.fields.delete(field)
      else this.fields.set(field, { record: null, stamp: this.stamp })
    }
  }

  /** After a write whose outcome is not known in full. */
  forgetState(fields: readonly string[] | undefined, write: SeenWrite | undefined): void {
    if (write !== undefined) {
      this.wrote(write)
      this.trim(write)
    }
    if (fields === undefined) this.fields.clear()
    else for (const field of fields) this.fields.delete(field)
    this.allFields = undefined
  }

  addWaitingMessages(
    userId: string | undefined,
    isUnseen: boolean,
    lastSeq: number | undefined,
    records: (first: number) => readonly string[],
  ): void {
    if (!this.admits(userId, isUnseen)) return
    const first = Math.max(this.tail?.last ?? 0, lastSeq ?? 0) + 1
    const messages = records(first).map((record, place) => [first + place, record] as const)
    if (this.tail === undefined) this.tail = new MessageTail(first, messages, this.maxTailBytes, this.stamp)
    else this.tail.append(messages)
    if (this.kept !== undefined) this.kept = { ...this.kept, count: this.kept.count + messages.length }
  }

  addWaitingState(
    userId: string | undefined,
    isUnseen: boolean,
    written: readonly (readonly [field: string, record: string])[],
    removed: readonly string[],
  ): void {
    if (!this.admits(userId, isUnseen)) return
    for (const [field, record] of written) this.fields.set(field, { record, stamp: this.stamp })
    for (const field of removed) this.fields.set(field, { record: null, stamp: this.stamp })
  }

  stateRecord(field: string): string | undefined {
    return this.fields.get(field)?.record ?? undefined
  }

  /**
   * Whether a write that waits is shown. Redis has not said whose the session is: who writes to it is not let see what is there,
   * and another's write is not shown to who may see it. A session that this process never saw is shown as what it wrote to
   * it: nobody can say what else there is.
   */
  private admits(userId: string | undefined, isUnseen: boolean): boolean {
    if (this.stamp.at === 0 && isUnseen) {
      this.stamp = { version: '0', at: this.clock() }
      this.owner = userId
      this.isEmpty()
    }
    return userId === undefined || this.owner === undefined || userId === this.owner
  }

  /** Another session stands under the id since: nothing of the earlier one is in it. */
  private beginAnother(life: string | undefined): void {
    if (life === undefined || this.life === undefined) return
    if (parseLife(life).created === parseLife(this.life).created) return
    this.stamp = { version: '0', at: 0 }
    this.owner = undefined
    this.kept = undefined
    this.tail = undefined
    this.summary = undefined
    this.fields = new Map()
    this.allFields = undefined
  }

  answer(userId: string | undefined, { messages, summary, state }: WindowRequest): CachedAnswer | undefined {
    if (userId !== undefined && userId !== this.owner) return undefined
    const used: Stamp[] = []
    const window = messages === undefined ? [] : this.window(messages, used)
    const pairs = state === undefined ? [] : this.pairs(state, used)
    if (window === undefined || pairs === undefined) return undefined
    if (summary === true) {
      if (this.summary === undefined) return undefined
      used.push(this.summary.stamp)
    }
    const oldest = used.reduce(olderOf, this.stamp)
    const found = {
      // The version at which all of it was so: a write that expects it is refused if anything has changed since.
      version: oldest.version,
      life: this.life ?? '',
      kept: this.kept?.count ?? 0,
      now: this.now,
      summary: summary === true ? this.summary!.record : null,
      state: pairs,
      messages: window,
    }
    return { found, ageMs: this.clock() - oldest.at }
  }

  private window(request: NonNullable<WindowRequest['messages']>, used: Stamp[]): FoundRecords['messages'] | undefined {
    if (this.tail === undefined || this.kept === undefined) return undefined
    used.push(this.tail.stamp, this.kept.stamp)
    return this.tail.window(request)
  }

  private pairs(state: 'all' | readonly string[], used: Stamp[]): string[] | undefined {
    if (state === 'all' && this.allFields === undefined) return undefined
    if (this.allFields !== undefined) used.push(this.allFields)
    const pairs: string[] = []
    for (const field of state === 'all' ? this.fields.keys() : state) {
      const seen = this.fields.get(field)
      if (seen === undefined && this.allFields === undefined) return undefined
      if (seen !== undefined) used.push(seen.stamp)
      if (typeof seen?.record === 'string') pairs.push(field, seen.record)
    }
    return pairs
  }

  /** The server's time, as it should be by now. */
  private get now(): number {
    return this.serverTime === undefined
      ? Date.now()
      : Math.floor(this.serverTime.now + this.clock() - this.serverTime.at)
  }

  /** Whether an answer is older than what is known already: it was on its way while a write was answered. */
  private isOutrun({ version, now }: FoundRecords): boolean {
    return writesOf(version) < writesOf(this.stamp.version) && now <= (this.serverTime?.now ?? Infinity)
  }

  private note(userId: string | undefined, { life, now }: { readonly life?: string; readonly now?: number }): void {
    // Redis knows the owner, if there is one. Whom it answered last may see it; nobody else is sure to.
    this.owner = userId ?? this.owner
    this.life = life ?? this.life
    if (now !== undefined) this.serverTime = { now, at: this.clock() }
  }

  /** When no other write was made in between, all that was seen is so still, and takes on the new version. */
  private wrote({ version, life, now }: SeenWrite): void {
    this.beginAnother(life)
    const isFirst = this.stamp.version === '0' && writesOf(version) === 1
    this.note(undefined, { life, now: now ?? (this.serverTime === undefined ? undefined : this.now) })
    const at = this.clock()
    if (writesOf(version) === writesOf(this.stamp.version) + 1) Object.assign(this.stamp, { version, at })
    else this.stamp = { version, at }
    if (isFirst) this.isEmpty()
  }

  /** Before its first write there is nothing in a session. */
  private isEmpty(): void {
    this.kept = { count: 0, stamp: this.stamp }
    this.tail = new MessageTail(1, [], this.maxTailBytes, this.stamp)
    this.summary = { record: null, stamp: this.stamp }
    this.allFields = this.stamp
  }

  private trim({ trimmed = 0 }: SeenWrite): void {
    if (trimmed === 0) return
    this.recount(-trimmed)
    this.fit()
  }

  private recount(more: number): void {
    if (this.kept !== undefined) this.kept = { ...this.kept, count: Math.max(0, this.kept.count + more) }
  }

  /** What is trimmed goes from the tail as well, where the number of messages is certain. */
  private fit(): void {
    if (this.kept?.stamp === this.stamp) this.tail?.fit(this.kept.count)
  }

  private sawMessages(request: NonNullable<WindowRequest['messages']>, found: FoundRecords): void {
    const range = shownRange(request, found)
    if (range === undefined) return
    if (this.tail?.stamp === this.stamp) this.tail.merge(range)
    else if (range.to === Infinity) {
      this.tail = new MessageTail(range.from, range.messages, this.maxTailBytes, this.stamp)
    }
  }

  private sawFields(asked: 'all' | readonly string[], pairs: readonly string[]): void {
    const { stamp } = this
    if (asked === 'all') {
      this.fields = new Map()
      this.allFields = stamp
    } else for (const field of asked) this.fields.set(field, { record: null, stamp })
    for (let place = 0; place < pairs.length; place += 2) {
      this.fields.set(pairs[place]!, { record: pairs[place + 1]!, stamp })
    }
  }
}
