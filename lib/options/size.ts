import bytes from 'bytes'

/** Bytes, or what would have been right. */
export type ParsedSize = { readonly bytes: number } | { readonly problem: string }

const PATTERN = /^(?:\d{1,15}b|\d{1,12}(?:\.\d{1,9})?(?:kb|mb|gb))$/
const NUMBER = /^\d{1,15}$/
const FORM =
  "a whole number of bytes above 0, or a string of a number and its unit (b, kb, mb or gb), as '64kb' or '1mb'"

const read = (value: unknown): number | null => {
  if (typeof value === 'number') return value
  return typeof value === 'string' && PATTERN.test(value) ? bytes.parse(value) : null
}

/** Reads a size: bytes, or a string of a number and its unit of 1,024. */
export function parseSize(value: unknown): ParsedSize {
  const parsed = read(value)
  if (parsed !== null && Number.isSafeInteger(parsed) && parsed >= 1) return { bytes: parsed }
  const hint = typeof value === 'string' && NUMBER.test(value) ? `; write ${Number(value)} or '${Number(value)}b'` : ''
  return { problem: `${FORM}${hint}` }
}
