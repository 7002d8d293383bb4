import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { DecodeError } from '../codec.errors.js'
import type { EncryptionKey } from './encryption-key.js'

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
/** Node would take tags of 4 bytes, which can be guessed. */
const OPTIONS = { authTagLength: TAG_BYTES }

/** What is authenticated without being kept. Ids of keys hold no line break, so that no two pairs give the same bytes. */
const additionalData = (key: EncryptionKey, place: string): Buffer => Buffer.from(`${key.id}\n${place}`)

/** iv, ciphertext, tag */
export const encrypt = (key: EncryptionKey, place: string, data: Buffer): Buffer => {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(ALGORITHM, key.cipher, iv, OPTIONS)
  cipher.setAAD(additionalData(key, place))
  return Buffer.concat([iv, cipher.update(data), cipher.final(), cipher.getAuthTag()])
}

/** @throws DecodeError unless all of it is what `encrypt` gave for this key and place */
export const decrypt = (key: EncryptionKey, place: string, sealed: Buffer): Buffer => {
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new DecodeError('truncated')
  const decipher = createDecipheriv(ALGORITHM, key.cipher, sealed.subarray(0, IV_BYTES), OPTIONS)
  decipher.setAAD(additionalData(key, place))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    throw new DecodeError(`not authentic: moved, altered, or under another key of the id "${key.id}"`)
  }
}
