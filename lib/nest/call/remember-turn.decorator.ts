import { durationWithin } from '../../session/validation/validate-call.js'
import { setRemembered } from './call-metadata.js'
import type { RememberTurnOptions } from './call-options.interface.js'
import { checkOptions, fromCallRule, functionRule, nameRule, oneOfRule } from './check-options.js'
import { withInterceptor, type CallDecorator } from './with-interceptor.js'

const HOUR = 3_600_000
const RULES = {
  user: fromCallRule,
  assistant: functionRule,
  onDisconnect: oneOfRule('store', 'drop'),
  onError: oneOfRule('store', 'drop'),
  idempotencyKey: fromCallRule,
  wait: durationWithin(0, HOUR, "from '0ms' to '1h'"),
  keepFor: durationWithin(1_000, 24 * HOUR, "from '1s' to '1d'"),
  name: nameRule,
}

/**
 * Keeps what the user said and what the handler answered as one turn of the session that `@UseMemory` opened: when the handler
 * is done, before the answer is given; of a stream at its end. Nothing is kept when the handler throws, unless `onError`
 * says so.
 *
 * With an idempotency key the call is one turn however often it is sent: the first one runs, the others wait for its answer and
 * give the same, without calling the handler. The same key with other words of the user is refused (409).
 *
 *     @RememberTurn({ user: 'body.message' })
 *
 * @throws MemoryConfigError for options that cannot be
 * @publicApi
 */
export const RememberTurn = (options: RememberTurnOptions): CallDecorator => {
  checkOptions('@RememberTurn', options, RULES, ['user'])
  return withInterceptor((target) => setRemembered(target, options))
}
