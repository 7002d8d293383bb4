import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsDeadline } from '../decorators/is-deadline.decorator.js'

/** The rules for `resilience`. */
export class ResilienceOptionsSchema {
  @IfGiven()
  @IsDeadline()
  deadline?: unknown
}
