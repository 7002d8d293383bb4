import { MOST_MESSAGES } from './most-messages.js'
import { NotBeside } from './not-beside.decorator.js'
import type { OpenApiProperties } from './openapi-properties.interface.js'
import { QueryInteger } from './query-integer.decorator.js'
import { queryInteger } from './query-integer.schema.js'

/**
 * The query of a request that lists messages, for `session.messages`: `last`, or a range by `after` and `before`.
 * Works with `ValidationPipe({ transform: true })`, which makes numbers of the texts.
 *
 * @publicApi
 */
export class ListMessagesDto {
  /** The newest n messages; from 1 to 1,000. */
  @QueryInteger(1, MOST_MESSAGES)
  @NotBeside('after', 'before', 'limit')
  last?: number

  /** Messages with a greater `seq`; from 0. */
  @QueryInteger(0)
  after?: number

  /** Messages with a smaller `seq`; from 1. */
  @QueryInteger(1)
  before?: number

  /** At most n messages of the range; from 1 to 1,000. */
  @QueryInteger(1, MOST_MESSAGES)
  limit?: number

  /** @internal */
  static _OPENAPI_METADATA_FACTORY(): OpenApiProperties {
    return {
      last: queryInteger(1, 'This many of the newest messages; not beside `after`, `before`, `limit`', MOST_MESSAGES),
      after: queryInteger(0, 'Messages with a greater `seq`'),
      before: queryInteger(1, 'Messages with a smaller `seq`'),
      limit: queryInteger(1, 'At most this many messages of the range', MOST_MESSAGES),
    }
  }
}
