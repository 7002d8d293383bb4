import { IsBoolean, Matches } from 'class-validator'
import { IfGiven } from '../decorators/if-given.decorator.js'

/** What an id of a key may be: it stands in every record. */
export const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/
export const KEY_ID_FORM = '1 to 64 of the characters A-Z a-z 0-9 _ -'

/** The rules for `serialization.encryption`, its keys apart. */
export class EncryptionOptionsSchema {
  @Matches(KEY_ID, { message: `the id of the key to write with: ${KEY_ID_FORM}` })
  current?: unknown

  @IfGiven()
  @IsBoolean({ message: 'true or false' })
  allowPlaintext?: unknown
}
