import { randomUUID } from 'node:crypto'
import { BadRequestException, createParamDecorator, type ExecutionContext } from '@nestjs/common'

/** Leaves room for the suffixes of the operations of a turn within the 256 characters of an operation id. */
const MAX_LENGTH = 200

/** The name the caller gave to this request, so that sending it again does not double it; a random one if none. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const request = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>()
  const key = request.headers['idempotency-key']
  if (key === undefined) return randomUUID()
  if (key.length < 1 || key.length > MAX_LENGTH) {
    throw new BadRequestException(
      `idempotency-key: ${key.length} characters given; allowed: 1 to ${MAX_LENGTH} characters`,
    )
  }
  return key
})
