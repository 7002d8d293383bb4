import type { ExecutionContext } from '@nestjs/common'

interface ResolveInfo {
  readonly path?: { readonly prev?: unknown }
}

/** Whether an interceptor runs for a field of Query, Mutation or Subscription, and not for one below. */
export const isRootField = (context: ExecutionContext): boolean => {
  const info = context.getArgByIndex<ResolveInfo | undefined>(3)
  return info?.path !== undefined && info.path.prev === undefined
}
