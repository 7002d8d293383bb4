import type { Class } from '../../options/serialization-options.interface.js'

/** What classes of numbers may take as hexadecimal, octal or binary. */
const RADIX = /^\s*[+-]?0[box]/i

const [ONE, NO_NUMBER] = ['1', '?']

const isThat = (made: object, text: string): boolean =>
  'toJSON' in made && typeof made.toJSON === 'function' && made.toJSON() === text

const keeps = (type: Class<object>, text: string): boolean => {
  try {
    return isThat(Reflect.construct(type, [text]) as object, text)
  } catch {
    return false
  }
}

/**
 * Whether the instances of a class are numbers of their own kind, as Decimals are: made of the digits that `toJSON` gives,
 * and of no other text. Only a class with a `valueOf` of its own is tried.
 */
const isNumberClass = (type: Class<object>): boolean => {
  const prototype = type.prototype as object
  if (Reflect.get(prototype, 'valueOf') === Reflect.get(Object.prototype, 'valueOf')) return false
  return keeps(type, ONE) && !keeps(type, NO_NUMBER)
}

/**
 * Gives a test for one class: whether data is none of what its instances are written as. The methods of a number that was
 * made of anything but digits may never end, and a text of another radix takes a time that grows with the square of its
 * length.
 */
export const foreignNumberTest = (type: Class<object>): ((data: unknown) => boolean) => {
  let isNumber: boolean | undefined
  return (data) => {
    const isDoubtful = typeof data === 'string' ? RADIX.test(data) : typeof data !== 'number'
    if (!isDoubtful) return false
    isNumber ??= isNumberClass(type)
    return isNumber
  }
}
