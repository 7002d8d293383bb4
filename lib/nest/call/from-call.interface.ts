import type { ExecutionContext } from '@nestjs/common'

/**
 * Where something of a call is found: a path such as `'params.sessionId'` into `{ params, query, body, headers }` of a request,
 * `{ data, headers }` of a message, `{ args, headers }` of a resolver; or a function.
 *
 * @publicApi
 */
export type FromCall<T = string> = string | ((context: ExecutionContext) => T | Promise<T>)
