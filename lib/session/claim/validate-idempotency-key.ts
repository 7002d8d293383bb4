import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { valueKind } from '../../errors/value-kind.js'

const MAX_LENGTH = 256
const VISIBLE_ASCII = /^[!-~]*$/

/** @throws MemoryInvalidError for anything but 1 to 256 visible ASCII characters */
export function validateIdempotencyKey(key: unknown, path: string): asserts key is string {
  const given = problemOf(key)
  if (given === undefined) return
  throw new MemoryInvalidError({ path, given, allowed: `1 to ${MAX_LENGTH} visible ASCII characters` })
}

const problemOf = (key: unknown): string | undefined => {
  if (typeof key !== 'string' || key === '' || key.length > MAX_LENGTH) return valueKind(key)
  return VISIBLE_ASCII.test(key) ? undefined : 'a string with other characters'
}
