import type { Class } from '../../options/serialization-options.interface.js'

/** What V8, and the helpers of compilers, say of a copy that lacks the private members its class declares. */
const PRIVATE = /private|receiver must be|object must be an instance/i

/** The names of the getters on a prototype and those it extends. */
const gettersOf = (prototype: object): string[] => {
  const own = Object.getOwnPropertyNames(prototype).filter(
    (name) => Reflect.getOwnPropertyDescriptor(prototype, name)?.get !== undefined,
  )
  const parent: unknown = Object.getPrototypeOf(prototype)
  const isLast = typeof parent !== 'object' || parent === null || parent === Object.prototype
  return isLast ? own : [...own, ...gettersOf(parent)]
}

const readsPrivate = (copy: object, getter: string): boolean => {
  try {
    Reflect.get(copy, getter)
    return false
  } catch (error) {
    return error instanceof TypeError && PRIVATE.test(error.message)
  }
}

/**
 * Gives a test for one class: whether a copy of an instance's properties lacks private members that a getter reads. Those
 * that no getter shows cannot be seen from outside.
 */
export const privateStateTest = (type: Class<object>): ((copy: object) => boolean) => {
  const getters = gettersOf(type.prototype as object)
  return (copy) => getters.some((getter) => readsPrivate(copy, getter))
}

/**
 * The same for a class whose instances are nothing but their properties: it may lack all an instance was constructed from
 * as well. The original is not touched.
 */
export const hiddenStateTest = (type: Class<object>): ((copy: object) => boolean) => {
  const hidesPrivate = privateStateTest(type)
  const mayBeEmpty = gettersOf(type.prototype as object).length === 0 && type.length === 0
  return (copy) => (!mayBeEmpty && Object.keys(copy).length === 0) || hidesPrivate(copy)
}
