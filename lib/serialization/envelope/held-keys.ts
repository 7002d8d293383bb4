import { encryptionKey, type EncryptionKey } from './encryption-key.js'
import type { KeyRing } from './key-ring.interface.js'

/** Keys from the options: there from the beginning, and no others. */
export class HeldKeys implements KeyRing {
  readonly keys: ReadonlyMap<string, EncryptionKey>

  /** @throws KeyUnavailable for a key that is not 32 bytes */
  constructor(keys: ReadonlyMap<string, Uint8Array>) {
    this.keys = new Map([...keys].map(([id, bytes]) => [id, encryptionKey(id, bytes)]))
  }

  load(): undefined {
    return undefined
  }
}
