import { IsBoolean } from 'class-validator'
import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsCount } from '../decorators/is-count.decorator.js'
import { IsDuration } from '../decorators/is-duration.decorator.js'
import { IsSize } from '../decorators/is-size.decorator.js'
import { OneOf } from '../decorators/one-of.decorator.js'

/** The rules for `session`. */
export class SessionOptionsSchema {
  @IfGiven()
  @IsDuration()
  ttl?: unknown

  @IfGiven()
  @IsBoolean({ message: 'true or false' })
  sliding?: unknown

  @IfGiven()
  @IsDuration()
  maxAge?: unknown

  @IfGiven()
  @IsCount()
  maxMessages?: unknown

  @IfGiven()
  @IsSize()
  maxBytes?: unknown

  @IfGiven()
  @IsSize()
  maxMessageBytes?: unknown

  @IfGiven()
  @OneOf('trim', 'refuse')
  onFull?: unknown
}
