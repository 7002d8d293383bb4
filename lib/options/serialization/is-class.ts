import type { Class } from '../serialization-options.interface.js'

/** What has a prototype for its instances: a class, or a function that is used as one. */
export const isClass = (value: unknown): value is Class<object> =>
  typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null

const TYPED_ARRAY: unknown = Object.getPrototypeOf(Uint8Array)

/** The name of a class of the language or its host, and `undefined` for any other. By identity: any class may be called `Map`. */
export const builtInName = (value: Class): string | undefined => {
  if (value === TYPED_ARRAY) return 'TypedArray'
  return (globalThis as Readonly<Record<string, unknown>>)[value.name] === value ? value.name : undefined
}

const ORDINARY = /^(?:Object|(?:Aggregate|Eval|Range|Reference|Suppressed|Syntax|Type|URI)?Error)$/

/**
 * The built-in class a class extends whose content is not among an instance's own properties, as that of a Map: setting
 * those on a new object would lose it.
 */
export const exoticParent = (type: Class<object>): string | undefined => {
  let prototype: unknown = Object.getPrototypeOf(type.prototype)
  while (typeof prototype === 'object' && prototype !== null) {
    const owner: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
    const name = isClass(owner) ? builtInName(owner) : undefined
    if (name !== undefined) return ORDINARY.test(name) ? undefined : name
    prototype = Object.getPrototypeOf(prototype)
  }
  return undefined
}
