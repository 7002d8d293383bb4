import type { ContextType, ExecutionContext } from '@nestjs/common'
import { validateIdempotencyKey } from '../../session/claim/validate-idempotency-key.js'
import type { RememberTurnOptions } from './call-options.interface.js'
import { graphqlInfo } from './graphql-info.js'
import { placeOf, readFromCall } from './read-from-call.js'

const HEADER = 'headers.idempotency-key'

/** A socket has headers as well, and one of them would be the key of all its messages. */
const hasHeader = (context: ExecutionContext): boolean =>
  ['http', 'graphql'].includes(context.getType<ContextType | 'graphql'>())

/** One request of GraphQL may ask for several root fields, and has one header for all. */
const withField = (context: ExecutionContext, key: string): string => {
  const info = graphqlInfo(context)
  return info === undefined ? key : `${String(info.path?.key)}:${key}`
}

/** The key under which the call is one turn; `undefined` for a call that has none. @throws MemoryInvalidError */
export const keyOf = async (
  context: ExecutionContext,
  { idempotencyKey = hasHeader(context) ? HEADER : undefined }: RememberTurnOptions,
): Promise<string | undefined> => {
  if (idempotencyKey === undefined) return undefined
  const key = await readFromCall(context, idempotencyKey)
  if (key === undefined || key === null) return undefined
  validateIdempotencyKey(key, placeOf(idempotencyKey, '@RememberTurn.idempotencyKey'))
  return withField(context, key)
}
