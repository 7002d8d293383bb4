import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { valueKind } from '../../errors/value-kind.js'

const MAX_BYTES = 512
/**
 * Characters that mean something to those who look for keys: hash tags, separators, glob patterns (of SCAN and of ACL
 * rules), and what breaks a line or a C string. The key would be safe, since it is encoded; the person is not.
 */
const FORBIDDEN = /[{}:*?[\]\\\p{Cc}]/u
const ALLOWED = `1 to ${MAX_BYTES} bytes of text without { } : * ? [ ] \\ and control characters; encodeURIComponent() makes such a text out of most others`

const problemOf = (id: unknown): string | undefined => {
  if (typeof id !== 'string') return valueKind(id)
  if (id === '') return 'an empty string'
  if (id.length > MAX_BYTES || Buffer.byteLength(id) > MAX_BYTES) return `a string of ${Buffer.byteLength(id)} bytes`
  const forbidden = FORBIDDEN.exec(id)
  if (forbidden !== null) return `a string with ${JSON.stringify(forbidden[0])}`
  return id.isWellFormed() ? undefined : 'a string with half a surrogate pair'
}

/** For the id of a session, a tenant or a user. @throws MemoryInvalidError */
export function validateId(id: unknown, path: string): asserts id is string {
  const given = problemOf(id)
  if (given !== undefined) throw new MemoryInvalidError({ path, given, allowed: ALLOWED })
}
