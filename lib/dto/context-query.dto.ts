import { MOST_MESSAGES } from './most-messages.js'
import { NotBeside } from './not-beside.decorator.js'
import type { OpenApiProperties } from './openapi-properties.interface.js'
import { QueryInteger } from './query-integer.decorator.js'
import { queryInteger } from './query-integer.schema.js'

/**
 * The query of a request for the context, for `session.context`.
 * Works with `ValidationPipe({ transform: true })`, which makes numbers of the texts.
 *
 * @publicApi
 */
export class ContextQueryDto {
  /** At most n tokens for summary, state and messages together; from 1. */
  @QueryInteger(1)
  maxTokens?: number

  /** At most the newest n messages; from 1 to 1,000. */
  @QueryInteger(1, MOST_MESSAGES)
  @NotBeside('turns')
  last?: number

  /** At most the newest n turns; from 1 to 1,000. */
  @QueryInteger(1, MOST_MESSAGES)
  turns?: number

  /** @internal */
  static _OPENAPI_METADATA_FACTORY(): OpenApiProperties {
    return {
      maxTokens: queryInteger(1, 'At most this many tokens for summary, state and messages together'),
      last: queryInteger(1, 'At most this many of the newest messages; not beside `turns`', MOST_MESSAGES),
      turns: queryInteger(1, 'At most this many of the newest turns; not beside `last`', MOST_MESSAGES),
    }
  }
}
