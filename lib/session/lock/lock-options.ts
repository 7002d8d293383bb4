import { parseDuration } from '../../options/duration.js'
import type { Duration } from '../../options/units.interface.js'
import { validateOptions, type Rule } from '../validation/validate-call.js'
import type { LockOptions } from './session-lock.interface.js'

const MIN_TTL = 1_000
const MAX = 3_600_000
const DEFAULT_TTL = '30s'
const DEFAULT_WAIT = '10s'

/** What parseDuration refuses everywhere else, because there it would mean "never". */
const NOT_AT_ALL = /^0(ms|s)$/

const milliseconds = (value: unknown): number => {
  if (typeof value === 'string' && NOT_AT_ALL.test(value)) return 0
  const parsed = parseDuration(value)
  return 'ms' in parsed ? parsed.ms : Number.NaN
}

const within =
  (min: number, allowed: string): Rule =>
  (value) => {
    const ms = milliseconds(value)
    return ms >= min && ms <= MAX ? undefined : allowed
  }

const RULES = {
  ttl: within(MIN_TTL, "a string of a number and its unit, from '1s' to '1h'"),
  wait: within(0, "a string of a number and its unit, from '0ms' (try once) to '1h'"),
}

/** In ms. @throws MemoryInvalidError */
export const resolveLockOptions = (
  options: LockOptions | undefined,
): { readonly ttl: number; readonly wait: number } => {
  validateOptions(options, 'options', RULES)
  const ttl: Duration = options?.ttl ?? DEFAULT_TTL
  const wait: Duration = options?.wait ?? DEFAULT_WAIT
  return { ttl: milliseconds(ttl), wait: milliseconds(wait) }
}
