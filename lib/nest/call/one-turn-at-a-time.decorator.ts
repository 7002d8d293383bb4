import { LOCK_RULES } from '../../session/lock/lock-options.js'
import { setOneTurn } from './call-metadata.js'
import type { OneTurnOptions } from './call-options.interface.js'
import { checkOptions, nameRule } from './check-options.js'
import { withInterceptor, type CallDecorator } from './with-interceptor.js'

const RULES = { ...LOCK_RULES, name: nameRule }

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
