/** Thrown when something took too long: its row is left out, and the run does not fail for it. */
export class TooLate extends Error {
  name = 'TooLate'
  isLate = true
}

/** Codes of this module's errors that come of a machine that has no time. */
export const LATE_CODES = new Set(['TIMEOUT', 'UNAVAILABLE', 'OVERLOADED'])
