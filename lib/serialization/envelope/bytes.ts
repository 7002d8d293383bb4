import { isUtf8 } from 'node:buffer'
import { DecodeError } from '../codec.errors.js'

/** @throws DecodeError for bytes that are no UTF-8, instead of putting replacement characters for them */
export const textOf = (bytes: Buffer): string => {
  if (!isUtf8(bytes)) throw new DecodeError('not UTF-8')
  return bytes.toString('utf8')
}

/** @throws DecodeError for a text that no bytes have; Node's own decoder skips what it does not know */
export const bytesOf = (text: string, encoding: 'base64' | 'base64url'): Buffer => {
  const bytes = Buffer.from(text, encoding)
  if (bytes.toString(encoding) !== text) throw new DecodeError(`not ${encoding}`)
  return bytes
}
