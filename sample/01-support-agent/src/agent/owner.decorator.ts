import { createParamDecorator, type ExecutionContext } from '@nestjs/common'

/** Whose conversation it is. */
export interface Owner {
  readonly userId?: string
  readonly tenant?: string
}

/**
 * Reads the owner from headers, to keep the sample short. In your application, take it from what your guard verified:
 * whoever can choose these headers can choose whose conversation they read.
 */
export const CurrentOwner = createParamDecorator((_: unknown, context: ExecutionContext): Owner => {
  const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>()
  return { userId: headers['x-user-id'], tenant: headers['x-tenant-id'] }
})
