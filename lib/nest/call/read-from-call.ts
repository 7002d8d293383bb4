import type { ExecutionContext } from '@nestjs/common'
import { viewOf } from './call-view.js'
import type { FromCall } from './from-call.interface.js'

/** The names of headers have no case, and are lower case in a request. */
const steps = (path: string): string[] => (path.startsWith('headers.') ? path.toLowerCase() : path).split('.')

/** Own members only: a path is the application's, what it leads through is the caller's. */
const follow = (from: unknown, path: string): unknown =>
  steps(path).reduce<unknown>(
    // GraphQL makes its arguments without a prototype.
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined,
    from,
  )

/** What stands at the path in the call, or what the function answers. */
export const readFromCall = async (context: ExecutionContext, from: FromCall<unknown>): Promise<unknown> =>
  typeof from === 'function' ? await from(context) : follow(viewOf(context), from)

/** How errors name the place. */
export const placeOf = (from: FromCall<unknown>, option: string): string => (typeof from === 'string' ? from : option)
