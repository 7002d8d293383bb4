import ms from 'ms'
import type { Duration } from './units.interface.js'

/** Milliseconds, or what would have been right. */
export type ParsedDuration = { readonly ms: number } | { readonly problem: string }

const MAX_DURATION = ms('10y')
/** A timer set further ahead fires at once. */
const MAX_DEADLINE = ms('24d')

const PATTERN = /^\d{1,15}(?:\.\d{1,9})?(?:ms|s|m|h|d|w|y)$/
const NUMBER = /^\d{1,15}(?:\.\d{1,9})?$/
const FORM = "a string of a number and its unit (ms, s, m, h, d, w or y), as '30m' or '7d', above 0 and at most '10y'"

const isDuration = (value: unknown): value is Duration => typeof value === 'string' && PATTERN.test(value)

const unitHint = (value: unknown): string => {
  const isBareNumber = typeof value === 'number' && Number.isFinite(value) && value > 0
  const isNumericString = typeof value === 'string' && NUMBER.test(value)
  if (isBareNumber && NUMBER.test(String(value))) return `; write '${value}s' if seconds are meant, not ${value}`
  return isNumericString ? `; write '${value}s' if seconds are meant, not '${value}'` : ''
}

/** Reads a duration: a string of a number and its unit, and nothing else. */
export function parseDuration(value: unknown): ParsedDuration {
  if (!isDuration(value)) return { problem: `${FORM}${unitHint(value)}` }
  const parsed = Math.round(ms(value))
  return parsed >= 1 && parsed <= MAX_DURATION ? { ms: parsed } : { problem: FORM }
}

const DEADLINE_FORM = "a duration as '2s', or a whole number of milliseconds, above 0 and at most '24d'"

/** Reads the time one call may take: a duration, or a number of milliseconds. */
export function parseDeadline(value: unknown): ParsedDuration {
  const parsed = typeof value === 'number' && Number.isInteger(value) ? { ms: value } : parseDuration(value)
  if (!('ms' in parsed)) {
    return { problem: typeof value === 'string' ? `${DEADLINE_FORM}${unitHint(value)}` : DEADLINE_FORM }
  }
  return parsed.ms >= 1 && parsed.ms <= MAX_DEADLINE ? parsed : { problem: DEADLINE_FORM }
}

/** Where it would not mean "never", as it does everywhere else. */
const NOT_AT_ALL = /^0(ms|s)$/

/** The milliseconds of a duration that may be `'0ms'`; `undefined` for what is none. */
export const parseWait = (value: unknown): number | undefined => {
  if (typeof value === 'string' && NOT_AT_ALL.test(value)) return 0
  const parsed = parseDuration(value)
  return 'ms' in parsed ? parsed.ms : undefined
}
