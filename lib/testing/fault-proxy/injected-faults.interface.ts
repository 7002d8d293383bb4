/**
 * How often a FaultProxy did what it was asked for: the proof of a test that its fault happened.
 *
 * @publicApi
 */
export interface InjectedFaults {
  /** Connections reset by `cut()` and `refuse()`. */
  readonly cut: number
  /** How often it stopped listening. Who is refused then is known to the client only. */
  readonly refused: number
  /** Chunks of requests or replies that ran into a black hole. */
  readonly blackholed: number
  /** Chunks that were late: by `latency()`, or a command by `'delay'`. */
  readonly delayed: number
  /** Replies that the server gave and no client got. */
  readonly droppedReplies: number
  /** Replies of which a client got only the first byte; they count as dropped too. */
  readonly tornReplies: number
  /** Connections reset instead of forwarding a request. */
  readonly cutBefore: number
  /** Requests of which the server got only the first half. */
  readonly tornRequests: number
  /** Connections reset by `resetAfter()`. */
  readonly resetAfter: number
  /** Pieces written by `slice()`. */
  readonly slices: number
  /** Pieces written by `bandwidth()`. */
  readonly throttled: number
}

/** @internal */
export type FaultCounts = { -readonly [Name in keyof InjectedFaults]: number }

/** @internal */
export const noFaults = (): FaultCounts => ({
  cut: 0,
  refused: 0,
  blackholed: 0,
  delayed: 0,
  droppedReplies: 0,
  tornReplies: 0,
  cutBefore: 0,
  tornRequests: 0,
  resetAfter: 0,
  slices: 0,
  throttled: 0,
})
