import { IsBoolean, Matches } from 'class-validator'
import { IfGiven } from '../decorators/if-given.decorator.js'
import { OneOf } from '../decorators/one-of.decorator.js'

/** The rules for the options that stand in no section. */
export class RootOptionsSchema {
  @IfGiven()
  @OneOf('background', 'required')
  connectOnBoot?: unknown

  @IfGiven()
  @Matches(/^[A-Za-z0-9_.-]{1,64}$/, { message: '1 to 64 of the characters A-Z a-z 0-9 _ . -' })
  namespace?: unknown

  @IfGiven()
  @IsBoolean({ message: 'true or false' })
  requireNoEviction?: unknown
}
