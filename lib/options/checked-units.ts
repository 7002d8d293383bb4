import { parseDeadline, parseDuration } from './duration.js'
import { parseSize } from './size.js'
import type { Duration, Size } from './units.interface.js'

/** The options stand checked by now: what does not parse here is a flaw of this module. */
const unchecked = (what: string): never => {
  throw new TypeError(`An option passed the check and cannot be read: ${what}`)
}

/** The milliseconds of a duration. */
export const msOf = (value: Duration): number => {
  const parsed = parseDuration(value)
  return 'ms' in parsed ? parsed.ms : unchecked(parsed.problem)
}

/** The milliseconds of a duration that may be a number of them. */
export const delayOf = (value: Duration | number): number => {
  const parsed = parseDeadline(value)
  return 'ms' in parsed ? parsed.ms : unchecked(parsed.problem)
}

export const bytesOf = (value: Size): number => {
  const parsed = parseSize(value)
  return 'bytes' in parsed ? parsed.bytes : unchecked(parsed.problem)
}
