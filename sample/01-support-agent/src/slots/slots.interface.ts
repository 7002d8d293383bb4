/** The dates a customer named, by the word before them. Midnight UTC of that day. */
export interface DateSlots {
  readonly from?: Date
  readonly until?: Date
  readonly on?: Date
}

/** What the agent works out from what a customer writes. */
export interface Slots {
  readonly name?: string
  readonly phone?: string
  readonly dates?: DateSlots
}
