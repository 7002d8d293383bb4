import { Matches } from 'class-validator'
import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsDuration } from '../decorators/is-duration.decorator.js'
import { IsSize } from '../decorators/is-size.decorator.js'

/** The rules for `resilience.journal`. */
export class JournalOptionsSchema {
  // No path of any system holds a zero.
  @Matches(/^[^\0]+$/, {
    message: 'the path of a directory of this process alone; is the environment variable it is read from set?',
  })
  directory?: unknown

  @IfGiven()
  @IsSize()
  maxBytes?: unknown

  @IfGiven()
  @IsDuration()
  maxAge?: unknown
}
