import 'reflect-metadata'
import { createRequire } from 'node:module'
import { ValidationTypes, getMetadataStorage, type MetadataStorage } from 'class-validator'
import { isClass } from '../../options/serialization/is-class.js'
import type { Class } from '../../options/serialization-options.interface.js'

/** A place in an object: the object as it was given, and the class it is checked as. */
export interface Place {
  readonly owner: Class<object>
  readonly property: string
  readonly object: object
}

/** The part of class-transformer's storage that tells what `@Type` was given. */
interface TypeStorage {
  findTypeMetadata(owner: Class<object>, property: string): TypeMetadata | undefined
}

interface TypeMetadata {
  typeFunction(help: object): unknown
  readonly options?: {
    readonly discriminator?: {
      readonly property: string
      readonly subTypes: readonly { readonly name: string; readonly value: unknown }[]
    }
  }
}

/**
 * class-transformer is optional and has no other way to its metadata. Without it, a plain object in an array has no known
 * class and is refused with the path, so nothing goes unchecked.
 */
const typeStorage = (): TypeStorage | undefined => {
  try {
    const loaded = createRequire(import.meta.url)('class-transformer/cjs/storage.js') as {
      defaultMetadataStorage?: TypeStorage
    }
    return loaded.defaultMetadataStorage
  } catch {
    return undefined
  }
}

const typeNamed = (metadata: TypeMetadata, { property, object }: Place, value: object): unknown => {
  const { discriminator } = metadata.options ?? {}
  const name: unknown = discriminator && Reflect.get(value, discriminator.property)
  const subType = discriminator?.subTypes.find((candidate) => candidate.name === name)
  return subType?.value ?? metadata.typeFunction({ newObject: {}, object, property })
}

/** The rules of a class, inherited ones included, as `validate` without options finds them. */
export const rulesOf = (owner: Class<object>): ReturnType<MetadataStorage['getTargetValidationMetadatas']> =>
  getMetadataStorage().getTargetValidationMetadatas(owner, '', false, false)

/** What the decorators tell about objects within objects. */
export class NestedRules {
  private readonly storage = typeStorage()
  private readonly properties = new WeakMap<Class<object>, ReadonlySet<string>>()

  /** The properties of a class that carry `@ValidateNested`. */
  propertiesOf(owner: Class<object>): ReadonlySet<string> {
    const known = this.properties.get(owner)
    if (known !== undefined) return known
    const nested = rulesOf(owner).filter(({ type }) => type === ValidationTypes.NESTED_VALIDATION)
    const properties = new Set(nested.map(({ propertyName }) => propertyName))
    this.properties.set(owner, properties)
    return properties
  }

  /**
   * The class that a plain object stands for: what `@Type` of class-transformer names, else the type that TypeScript emits
   * for a decorated property.
   */
  classOf(place: Place, value: object): Class<object> | undefined {
    const { owner, property } = place
    const named = this.storage?.findTypeMetadata(owner, property)
    const type: unknown =
      named === undefined
        ? Reflect.getMetadata('design:type', owner.prototype as object, property)
        : typeNamed(named, place, value)
    return isClass(type) && type !== Object ? type : undefined
  }
}
