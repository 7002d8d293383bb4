/** How long before its limit a lock counts as lost: for the signal to be heard, and for clocks that run differently. */
const MAX_MARGIN = 5_000

/** For how many ms after a successful request was sent the lock is surely held. */
export const surelyHeld = (ttl: number): number => ttl - Math.min(ttl / 10, MAX_MARGIN)

/** How many ms after a successful request was sent the lock is renewed, and how long that may take. */
export const renewalAfter = (ttl: number): number => ttl / 3

/** How many ms after a renewal that failed it is tried again. */
export const renewalAgainAfter = (ttl: number): number => Math.min(ttl / 20, 1_000) * (0.5 + Math.random())

const SLOWEST_POLL = 100
const FASTEST_POLL = 25
const MOST_JITTER = 1.5

/**
 * How many ms pass until the lock is asked for again by one who has waited for `waited` ms. Whoever has waited longer asks more
 * often; the jitter keeps processes out of step.
 */
export const pollAfter = (waited: number): number =>
  Math.max(FASTEST_POLL, SLOWEST_POLL / (1 + waited / 1_000)) * (MOST_JITTER - Math.random())

/** What a timer and a request may be late by, in ms. */
const LATENESS = 50

/** For how many ms a process that released the lock lets others go ahead: every one that was told to wait asks within them. */
export const PAUSE_FOR_OTHERS = SLOWEST_POLL * MOST_JITTER + LATENESS
