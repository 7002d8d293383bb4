const NATIVE = /\{\s*\[native code\]\s*\}$/

const isNative = (value: unknown): value is { name: unknown; prototype: unknown } =>
  typeof value === 'function' && NATIVE.test(Function.prototype.toString.call(value))

/**
 * The name of the built-in class a prototype belongs to in another realm (a vm context, a test runner); `undefined` for a
 * class of a user, whatever it is called.
 */
export const foreignName = (prototype: object): string | undefined => {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  if (!isNative(constructor) || constructor.prototype !== prototype) return undefined
  return typeof constructor.name === 'string' ? constructor.name : undefined
}
