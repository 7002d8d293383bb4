import { bytesOf } from '../checked-units.js'
import { DEFAULT_OPTIONS } from '../defaults.js'
import type { ResolvedEncryption, ResolvedMemoryOptions } from '../resolved-options.interface.js'
import type { EncryptionOptions, SerializationOptions } from '../serialization-options.interface.js'
import { readKey } from './encryption-key.js'

const DEFAULTS = DEFAULT_OPTIONS.serialization

type ResolvedSerialization = ResolvedMemoryOptions['serialization']

const resolveCompression = (given: SerializationOptions['compression']): ResolvedSerialization['compression'] => {
  if (given === undefined || given === false) return undefined
  const minBytes = given === true ? undefined : given.minBytes
  return { minBytes: bytesOf(minBytes ?? DEFAULTS.compression.minBytes) }
}

const resolveKey = (id: string, given: unknown): [string, Buffer] => {
  const key = readKey(given)
  if (key === undefined) throw new TypeError('A key of serialization.encryption passed the check and cannot be read')
  return [id, key]
}

const resolveKeys = (keys: EncryptionOptions['keys']): ResolvedEncryption['keys'] =>
  typeof keys === 'function' ? keys : new Map(Object.entries(keys).map(([id, key]) => resolveKey(id, key)))

const resolveEncryption = ({ current, keys, allowPlaintext }: EncryptionOptions): ResolvedEncryption => ({
  current,
  keys: resolveKeys(keys),
  allowPlaintext: allowPlaintext ?? DEFAULTS.encryption.allowPlaintext,
})

/** Fills in the defaults of options that stand checked by now. */
export const resolveSerialization = ({
  types = [],
  compression,
  encryption,
}: SerializationOptions = {}): ResolvedSerialization => ({
  types: [...types],
  compression: resolveCompression(compression),
  encryption: encryption && resolveEncryption(encryption),
})
