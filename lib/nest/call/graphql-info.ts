import type { ContextType, ExecutionContext } from '@nestjs/common'

/** What GraphQL says of the field that is resolved: the parts of GraphQLResolveInfo that are asked for here. */
export interface GraphqlInfo {
  /** `prev` is set within an object, and not at a root field. */
  readonly path?: { readonly key?: unknown; readonly prev?: unknown }
  readonly operation?: { readonly operation?: unknown }
}

/** Of a call by GraphQL; `undefined` for every other one. */
export const graphqlInfo = (context: ExecutionContext): GraphqlInfo | undefined =>
  context.getType<ContextType | 'graphql'>() === 'graphql'
    ? (context.getArgByIndex<GraphqlInfo | undefined>(3) ?? {})
    : undefined
