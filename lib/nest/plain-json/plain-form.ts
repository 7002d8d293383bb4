import type { Types } from '../../serialization/types/registered-type.interface.js'
import { ClassRules } from '../class-transformer/class-rules.js'
import type { ClassTransformer, ExposeOptions } from '../class-transformer/class-transformer.interface.js'
import { isPlainObject } from '../kinds/plain-object.js'
import { toPlainJson } from './to-plain-json.js'

type Type = NonNullable<ExposeOptions['type']>

/** An object literal under the class whose decorators and getters `@SerializeOptions({ type })` names. */
const under = (type: Type, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => under(type, item))
  if (typeof value !== 'object' || value === null || !isPlainObject(value)) return value
  return Object.create(type.prototype as object, Object.getOwnPropertyDescriptors(value)) as object
}

/** Plain JSON by the rules of one route. */
export class PlainForm {
  readonly rules: ClassRules | undefined

  constructor(
    private readonly types: Pick<Types, 'of'>,
    transformer: ClassTransformer | undefined,
    private readonly options: ExposeOptions = {},
  ) {
    this.rules = transformer && new ClassRules(transformer, options)
  }

  readonly of = (value: unknown): unknown => {
    const { type, excludePrefixes } = this.options
    return toPlainJson(type === undefined ? value : under(type, value), {
      types: this.types,
      rules: this.rules,
      excludePrefixes,
    })
  }
}
