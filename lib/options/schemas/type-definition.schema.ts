import { Matches, ValidateBy } from 'class-validator'
import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsCount } from '../decorators/is-count.decorator.js'
import { OneOf } from '../decorators/one-of.decorator.js'

const IsFunction = (): PropertyDecorator =>
  ValidateBy({
    name: 'isFunction',
    validator: { validate: (value) => typeof value === 'function', defaultMessage: () => 'a function' },
  })

/** The rules for one definition of `serialization.types`, what stands between its options apart. */
export class TypeDefinitionSchema {
  // Of the same length for every reader: no character that is unseen, unassigned or half of a pair.
  @Matches(/^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u, { message: '1 to 64 printable characters' })
  name?: unknown

  @IfGiven()
  @IsCount()
  version?: unknown

  @IfGiven()
  @IsFunction()
  serialize?: unknown

  @IfGiven()
  @IsFunction()
  deserialize?: unknown

  @IfGiven()
  @IsFunction()
  migrate?: unknown

  @IfGiven()
  @OneOf('class-transformer')
  transform?: unknown

  @IfGiven()
  @IsFunction()
  toJson?: unknown
}
