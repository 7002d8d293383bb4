import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsCount } from '../decorators/is-count.decorator.js'
import { IsDeadline } from '../decorators/is-deadline.decorator.js'

/** The rules for `durability`. */
export class DurabilityOptionsSchema {
  @IfGiven()
  @IsCount()
  replicas?: unknown

  @IfGiven()
  @IsDeadline()
  timeout?: unknown
}
