import { isBuiltIn } from '../../serialization/built-in.js'
import { Hinted } from './hinted.js'
import {
  CLASS_TO_PLAIN,
  type AnyClass,
  type ClassTransformer,
  type ExposeOptions,
  type TypeHint,
} from './class-transformer.interface.js'

/** By the prototype: an instance may have a member of the name `constructor`, as that of Decimal does. */
const classOf = (value: object): AnyClass | undefined => {
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: unknown } | null
  // A prototype without one is that of Object, of this realm or another.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined
  return typeof prototype.constructor === 'function' ? (prototype.constructor as AnyClass) : undefined
}

/** What the decorators of class-transformer say, one object at a time: its members stay the values they are. */
export class ClassRules {
  private readonly options: ExposeOptions

  constructor(
    private readonly transformer: ClassTransformer,
    options: ExposeOptions = {},
  ) {
    // Cycles are an error here, and not left out.
    this.options = { ...options, enableCircularCheck: false }
  }

  /** The class whose decorators hold for a value: the one `@Type` gives, else its own; `undefined` where none has any. */
  rulingClass(value: object, hint?: TypeHint): AnyClass | undefined {
    if (isBuiltIn(value)) return undefined
    return [typeof hint === 'function' ? hint : undefined, classOf(value)].find(
      (type) => type !== undefined && this.governs(type, value),
    )
  }

  /** Whether decorators of its class may keep something of a value from a client. `@Type` alone never does. */
  hides(value: object): boolean {
    const type = classOf(value)
    return type !== undefined && !isBuiltIn(value) && this.hidesBy(type, value)
  }

  /** The members that the decorators of `type` leave of a value, under the names and as what they make of them. */
  expose(value: object, type: AnyClass): Record<string, unknown> {
    const { TransformOperationExecutor } = this.transformer
    const executor = new TransformOperationExecutor(CLASS_TO_PLAIN, this.options)
    const walk = executor.transform.bind(executor)
    executor.transform = (_source, member, hint) => (hint === undefined ? member : new Hinted(member, hint as TypeHint))
    const exposed = walk(undefined, value, type, undefined, false) as Record<string, unknown>
    return exposed === value ? { ...exposed } : exposed
  }

  private governs(type: AnyClass, value: object): boolean {
    const { defaultMetadataStorage: storage } = this.transformer
    return (
      this.options.strategy !== undefined ||
      this.hidesBy(type, value) ||
      Object.keys(value).some((key) => storage.findTypeMetadata(type, key) !== undefined)
    )
  }

  private hidesBy(type: AnyClass, value: object): boolean {
    const { defaultMetadataStorage: storage } = this.transformer
    return (
      storage.getStrategy(type) !== 'none' ||
      storage.getExposedProperties(type, CLASS_TO_PLAIN).length > 0 ||
      storage.getExcludedProperties(type, CLASS_TO_PLAIN).length > 0 ||
      Object.keys(value).some((key) => storage.findTransformMetadatas(type, key, CLASS_TO_PLAIN).length > 0)
    )
  }
}
