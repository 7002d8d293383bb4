import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsDuration } from '../decorators/is-duration.decorator.js'
import { IsSize } from '../decorators/is-size.decorator.js'

/** The rules for `resilience.healing`. */
export class HealingOptionsSchema {
  @IfGiven()
  @IsSize()
  maxBytes?: unknown

  @IfGiven()
  @IsDuration()
  maxAge?: unknown
}
