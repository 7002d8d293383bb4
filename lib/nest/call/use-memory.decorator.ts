import { addUsed } from './call-metadata.js'
import type { UseMemoryOptions } from './call-options.interface.js'
import { checkOptions, fromCallRule, nameRule } from './check-options.js'
import { withInterceptor, type CallDecorator } from './with-interceptor.js'

const RULES = { session: fromCallRule, user: fromCallRule, tenant: fromCallRule, name: nameRule }

/**
 * Opens a session for each call of a handler, or of every handler of a class: for `@CurrentSession()` and its like, for
 * `memory.current()`, and for the other decorators. No I/O. For requests, server-sent events, messages of WebSockets and
 * microservices, and resolvers of root fields.
 *
 *     @UseMemory({ session: 'params.sessionId', user: (context) => context.switchToHttp().getRequest().user.id })
 *
 * Several of different names may stand at one handler; what a handler says goes before what its class says.
 *
 * @throws MemoryConfigError for options that cannot be
 * @publicApi
 */
export const UseMemory = (options: UseMemoryOptions): CallDecorator => {
  checkOptions('@UseMemory', options, RULES, ['session'])
  return withInterceptor((target) => addUsed(target, options))
}
