import { DecodeError } from '../codec.errors.js'
import { MAX_BIGINT_DIGITS } from './limits.js'
import { refuse } from './refuse.js'

const LIMIT = 10n ** BigInt(MAX_BIGINT_DIGITS)
/** Kept, since it would take long to make it anew each time. */
const NEGATIVE_LIMIT = -LIMIT
const DIGITS = /^(?:0|-?[1-9]\d*)$/

/** As JSON text. The size is looked at first: the digits of a large one take long. */
export const bigintText = (value: bigint): string =>
  value < LIMIT && value > NEGATIVE_LIMIT
    ? `"${value}"`
    : refuse('a bigint', `bigints of at most ${MAX_BIGINT_DIGITS} digits`)

export const reviveBigint = (text: unknown): bigint => {
  if (typeof text !== 'string' || text.length > MAX_BIGINT_DIGITS + 1 || !DIGITS.test(text)) {
    throw new DecodeError('a bigint that is none')
  }
  const value = BigInt(text)
  if (value >= LIMIT) throw new DecodeError('a bigint with too many digits')
  return value
}
