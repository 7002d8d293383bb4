import { parseWait } from '../../options/duration.js'
import { durationWithin, validateOptions } from '../validation/validate-call.js'
import type { LockOptions } from './session-lock.interface.js'

const MIN_TTL = 1_000
const MAX = 3_600_000
const DEFAULT_TTL = '30s'
const DEFAULT_WAIT = '10s'

export const LOCK_RULES = {
  ttl: durationWithin(MIN_TTL, MAX, "from '1s' to '1h'"),
  wait: durationWithin(0, MAX, "from '0ms' (try once) to '1h'"),
}

/** In ms. @throws MemoryInvalidError */
export const resolveLockOptions = (
  options: LockOptions | undefined,
): { readonly ttl: number; readonly wait: number } => {
  validateOptions(options, 'options', LOCK_RULES)
  return { ttl: parseWait(options?.ttl ?? DEFAULT_TTL)!, wait: parseWait(options?.wait ?? DEFAULT_WAIT)! }
}
