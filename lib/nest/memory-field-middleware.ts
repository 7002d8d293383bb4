import type { Serialization } from '../serialization/serialization.js'
import { isStreamed } from './kinds/streamed.js'
import { toGraphqlValue } from './plain-json/to-graphql-value.js'

/** The form that `fieldMiddleware` of `@nestjs/graphql` takes. */
export type MemoryFieldMiddleware = (field: unknown, next: () => unknown) => Promise<unknown>

/**
 * Gives what GraphQL scalars have no word for as in plain JSON, field by field: a bigint, bytes, a Map, a Set, a registered
 * class that is one text. So also members of instances, which MemorySerializationInterceptor hands on as they are, for
 * `@Parent()`.
 *
 *     GraphQLModule.forRootAsync({ inject: [Serialization], useFactory: (serialization) => ({
 *       buildSchemaOptions: { fieldMiddleware: [memoryFieldMiddleware(serialization)] }, … }) })
 *
 * @publicApi
 */
export const memoryFieldMiddleware =
  ({ types }: Serialization): MemoryFieldMiddleware =>
  async (_field, next) => {
    const value = await next()
    return isStreamed(value) ? value : toGraphqlValue(value, types)
  }
