import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { types } from 'node:util'
import { valueKind } from '../../errors/value-kind.js'
import { KeyUnavailable } from './key-unavailable.js'

const KEY_BYTES = 32
/** Part of what stands in Redis: another text gives other digests. */
const DIGEST_INFO = 'nestjs-agent-memory operation digest'

/** Key objects, not bytes: they are a copy outside of the heap, and show nothing when they are printed. */
export interface EncryptionKey {
  readonly id: string
  readonly cipher: KeyObject
  /** Derived, so that what digests give away is nothing about the key that encrypts. */
  readonly digest: KeyObject
}

/** @throws KeyUnavailable for anything but 32 bytes */
export const encryptionKey = (id: string, bytes: unknown): EncryptionKey => {
  if (!types.isUint8Array(bytes) || bytes.length !== KEY_BYTES) {
    const given = types.isUint8Array(bytes) ? `${bytes.length} bytes` : valueKind(bytes)
    throw new KeyUnavailable(`key "${id}": ${given} given; allowed: ${KEY_BYTES} bytes`)
  }
  const derived = Buffer.from(hkdfSync('sha256', bytes, '', DIGEST_INFO, KEY_BYTES))
  return { id, cipher: createSecretKey(bytes), digest: createSecretKey(derived) }
}
