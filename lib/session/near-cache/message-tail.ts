import type { FoundRecords, WindowRequest } from '../window-request.interface.js'
import type { MessageRange } from './message-range.js'
import { recordBytes } from './record-bytes.js'
import type { Stamp } from './stamp.js'
import { walkWindow } from './window-walk.js'

type MessageRecord = FoundRecords['messages'][number]

/** The newest messages of a session without a gap, as many as fit. */
export class MessageTail {
  private records: MessageRecord[] = []
  bytes = 0

  constructor(
    /** The seq from which all is known; 1 when the tail reaches the first message. */
    private from: number,
    messages: Iterable<MessageRecord>,
    private readonly maxBytes: number,
    readonly stamp: Stamp,
  ) {
    this.append(messages)
  }

  /** The seq of the newest message. */
  get last(): number | undefined {
    return this.records.at(-1)?.[0]
  }

  append(messages: Iterable<MessageRecord>): void {
    for (const message of messages) {
      this.records.push(message)
      this.bytes += recordBytes(message[1])
    }
    this.cap()
  }

  /** Takes over what another look at the same version showed. */
  merge(range: MessageRange): void {
    if (range.to === Infinity) {
      const older = this.records.filter(([seq]) => seq < range.from)
      this.replace(Math.min(this.from, range.from), [...older, ...range.messages])
    } else if (range.to >= this.from - 1 && range.from < this.from) {
      const older = range.messages.filter(([seq]) => seq < this.from)
      this.replace(range.from, [...older, ...this.records])
    }
  }

  /** Drops what was trimmed: of the messages, so many are left. */
  fit(kept: number): void {
    if (this.records.length < kept) return
    this.drop(this.records.length - kept)
    this.from = 1
  }

  /** What read.lua would answer; `undefined` when that needs older messages than there are. */
  window(request: NonNullable<WindowRequest['messages']>): MessageRecord[] | undefined {
    const { after = 0, before = 0 } = request
    const low = after + 1
    const reachesLow = low >= this.from
    if (request.from === 'oldest' && !reachesLow) return undefined
    const inRange = this.records.filter(([seq]) => seq >= low && (before === 0 || seq < before))
    const walk = walkWindow(request.from === 'oldest' ? inRange : inRange.toReversed(), request)
    return walk.limited || reachesLow ? walk.messages : undefined
  }

  private replace(from: number, messages: readonly MessageRecord[]): void {
    this.from = from
    this.records = []
    this.bytes = 0
    this.append(messages)
  }

  private cap(): void {
    let [bytes, count] = [this.bytes, 0]
    while (bytes > this.maxBytes && count < this.records.length) bytes -= recordBytes(this.records[count++]![1])
    if (count === 0) return
    this.from = this.records[count - 1]![0] + 1
    this.drop(count)
  }

  /** Drops the oldest. */
  private drop(count: number): void {
    for (const [, record] of this.records.splice(0, count)) this.bytes -= recordBytes(record)
  }
}
