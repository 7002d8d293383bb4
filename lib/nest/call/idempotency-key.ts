import type { ContextType, ExecutionContext } from '@nestjs/common'
import { validateIdempotencyKey } from '../../session/claim/validate-idempotency-key.js'
import type { RememberTurnOptions } from './call-options.interface.js'
import { placeOf, readFromCall } from './read-from-call.js'

const HEADER = 'headers.idempotency-key'

/** A socket has headers as well, and one of them would be the key of all its messages. */
const hasHeader = (context: ExecutionContext): boolean =>
  ['http', 'graphql'].includes(context.getType<ContextType | 'graphql'>())

/** One request of GraphQL may ask for several root fields, and has one header for all. */
const withField = (context: ExecutionContext, key: string): string => {
  if (context.getType<ContextType | 'graphql'>() !== 'graphql') return key
  const info = context.getArgByIndex<{ readonly path?: { readonly key?: unknown } } | undefined>(3)
  return `${String(info?.path?.key)}:${key}`
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
