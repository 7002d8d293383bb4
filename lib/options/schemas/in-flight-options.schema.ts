import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsCount } from '../decorators/is-count.decorator.js'
import { IsSize } from '../decorators/is-size.decorator.js'

/** The rules for `resilience.inFlight`. */
export class InFlightOptionsSchema {
  @IfGiven()
  @IsCount()
  operations?: unknown

  @IfGiven()
  @IsSize()
  bytes?: unknown
}
