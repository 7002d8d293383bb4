import { setOneTurn } from './call-metadata.js'
import type { OneTurnOptions } from './call-options.interface.js'
import { checkOptions, durationRule, nameRule } from './check-options.js'
import { withInterceptor, type CallDecorator } from './with-interceptor.js'

const HOUR = 3_600_000
const RULES = {
  ttl: durationRule(1_000, HOUR, "from '1s' to '1h'"),
  wait: durationRule(0, HOUR, "from '0ms' (try once) to '1h'"),
  name: nameRule,
}

/**
 * Runs the handler under the lock of the session that `@UseMemory` opened: no two calls for one session run at the same time, in
 * whatever process. The lock is held until the answer is out, streams included. `@CurrentLock()` gives the handler its fence
 * and signal.
 *
 * A call that waits too long fails with MemoryLockError (423); one that lost the lock with MemoryLockLostError (409).
 *
 * @throws MemoryConfigError for options that cannot be
 * @publicApi
 */
export const OneTurnAtATime = (options: OneTurnOptions = {}): CallDecorator => {
  checkOptions('@OneTurnAtATime', options, RULES, [])
  return withInterceptor((target) => setOneTurn(target, options))
}
