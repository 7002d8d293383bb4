import type { KeyProvider } from '../../options/serialization-options.interface.js'
import type { Compression } from './compression.js'
import { EncryptedEnvelope } from './encrypted-envelope.js'
import type { Envelope } from './envelope.interface.js'
import { HeldKeys } from './held-keys.js'
import { PlainEnvelope } from './plain-envelope.js'
import { ProvidedKeys } from './provided-keys.js'

export interface EnvelopeOptions {
  readonly compression?: Compression
  readonly encryption?: {
    /** The id of the key to write with. */
    readonly current: string
    readonly keys: ReadonlyMap<string, Uint8Array> | KeyProvider
    readonly allowPlaintext: boolean
  }
}

/** @throws KeyUnavailable for a key in the options that is not 32 bytes */
export const createEnvelope = ({ compression, encryption }: EnvelopeOptions): Envelope => {
  if (encryption === undefined) return new PlainEnvelope(compression)
  const { current, keys, allowPlaintext } = encryption
  const ring = typeof keys === 'function' ? new ProvidedKeys(keys) : new HeldKeys(keys)
  return new EncryptedEnvelope(ring, current, allowPlaintext, compression)
}
