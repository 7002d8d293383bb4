import { valueKind } from '../../errors/value-kind.js'
import type { Class } from '../../options/serialization-options.interface.js'
import { EncodeError } from '../codec.errors.js'
import type { ClassTransformer } from './class-transformer.js'
import { firstDifference, type IsLeftOut } from './first-difference.js'
import type { Strategy } from './strategy.interface.js'

const ALLOWED =
  'what class-transformer brings back as it was: name its class with @Type, or its two forms with @Transform, or leave it out with @Exclude'

/** Its decorators cannot be asked; but what it leaves out of the plain form it does not read. */
const leftOutBy =
  (transformer: ClassTransformer): IsLeftOut =>
  (instance, key) => {
    const read = new Set<PropertyKey>()
    const get = (target: object, name: PropertyKey): unknown => {
      read.add(name)
      return Reflect.get(target, name)
    }
    transformer.instanceToPlain(new Proxy(instance, { get }))
    return Object.hasOwn(instance, key) && !read.has(key)
  }

/**
 * By the decorators of class-transformer. It makes plain objects of a Map or of a class it was not told of; so every
 * instance is tried on the way in, and one that would come back as something else is refused. Excluded properties are not
 * kept.
 */
export const classTransformerStrategy = (type: Class<object>, transformer: ClassTransformer): Strategy => {
  const deserialize = (data: unknown): unknown => transformer.plainToInstance(type as new () => object, data)
  const isLeftOut = leftOutBy(transformer)
  return {
    serialize(value) {
      const data = transformer.instanceToPlain(value)
      const difference = firstDifference(deserialize(data), value, isLeftOut)
      if (difference === undefined) return data
      throw new EncodeError(difference.steps, valueKind(difference.original), ALLOWED)
    },
    deserialize,
  }
}
