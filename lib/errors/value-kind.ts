const kindOfNumber = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  return `the number ${value}`
}

const kindOfObject = (value: object): string => {
  if (Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype) {
    return value.length === 0 ? 'an empty array' : `an array of ${value.length}`
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) return 'a plain object'
  // Of the prototype: an own `constructor` is data.
  const name: unknown = (prototype as { constructor?: { name?: unknown } }).constructor?.name
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object of an unnamed class'
}

/**
 * Says what a value is without saying what is in it, so that an error never carries a user's text.
 * Numbers and booleans are shown: they are what a caller gets wrong in a limit.
 */
export const valueKind = (value: unknown): string => {
  switch (typeof value) {
    case 'undefined':
      return 'undefined'
    case 'string':
      return value === '' ? 'an empty string' : `a string of ${value.length} characters`
    case 'number':
      return kindOfNumber(value)
    case 'boolean':
      return `the boolean ${value}`
    case 'bigint':
      return 'a bigint'
    case 'symbol':
      return 'a symbol'
    case 'function':
      return 'a function'
    default:
      return value === null ? 'null' : kindOfObject(value as object)
  }
}
