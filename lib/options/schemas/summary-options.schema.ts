import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsDuration } from '../decorators/is-duration.decorator.js'

/** The rules for `summary`. */
export class SummaryOptionsSchema {
  @IfGiven()
  @IsDuration()
  ttl?: unknown
}
