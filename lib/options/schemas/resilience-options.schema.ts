import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsDeadline } from '../decorators/is-deadline.decorator.js'
import { OneOf } from '../decorators/one-of.decorator.js'

/** The rules for `resilience`, its sections apart. */
export class ResilienceOptionsSchema {
  @IfGiven()
  @IsDeadline()
  deadline?: unknown

  @IfGiven()
  @OneOf('throw', 'stale', 'journal')
  onOutage?: unknown

  @IfGiven()
  @OneOf('throw', 'report')
  onLoss?: unknown
}
