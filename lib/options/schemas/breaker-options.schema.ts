import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsCount } from '../decorators/is-count.decorator.js'
import { IsDeadline } from '../decorators/is-deadline.decorator.js'

/** The rules for `resilience.breaker`, where it is an object. */
export class BreakerOptionsSchema {
  @IfGiven()
  @IsCount()
  failures?: unknown

  @IfGiven()
  @IsDeadline()
  openFor?: unknown
}
