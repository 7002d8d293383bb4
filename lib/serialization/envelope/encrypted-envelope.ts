import { DecodeError } from '../codec.errors.js'
import { decrypt, encrypt } from './aes-gcm.js'
import { bytesOf } from './bytes.js'
import { packBytes, unpackBytes, unpackText, type Compression } from './compression.js'
import { keyedDigest } from './digest.js'
import type { EncryptionKey } from './encryption-key.js'
import type { Envelope } from './envelope.interface.js'
import type { KeyRing } from './key-ring.interface.js'
import { KeyUnavailable } from './key-unavailable.js'
import { encryptedHead, isEncrypted, isOpen, keyIdOf } from './payload-form.js'

/** `e<key id>.<base64url of iv, ciphertext, tag>`; what is encrypted is the text, or its compressed form. */
export class EncryptedEnvelope implements Envelope {
  readonly encrypts = true

  /** @param current the id of the key to write with */
  constructor(
    private readonly ring: KeyRing,
    private readonly current: string,
    private readonly allowPlaintext: boolean,
    private readonly compression: Compression,
  ) {}

  prepare(payloads: Iterable<string> = []): Promise<void> | undefined {
    return this.ring.load(this.idsFor(payloads))
  }

  seal(text: string, place: string): string {
    const sealed = encrypt(this.currentKey(), place, packBytes(text, this.compression))
    return encryptedHead(this.current) + sealed.toString('base64url')
  }

  open(payload: string, place: string): string {
    if (!isEncrypted(payload)) return this.openPlaintext(payload)
    const id = keyIdOf(payload)
    if (id === undefined) throw new DecodeError('encrypted data without the id of its key')
    const key = this.ring.keys.get(id)
    if (key === undefined) throw new DecodeError(`encrypted under the key "${id}", which is not known`)
    const sealed = bytesOf(payload.slice(encryptedHead(id).length), 'base64url')
    return unpackBytes(decrypt(key, place, sealed))
  }

  isOpen(payload: string): boolean {
    return isOpen(payload)
  }

  isCurrent(payload: string): boolean {
    return payload.startsWith(encryptedHead(this.current))
  }

  digests(text: string): readonly [string, ...string[]] {
    const current = this.currentKey()
    const others = [...this.ring.keys.values()].filter((key) => key !== current)
    return [keyedDigest(current, text), ...others.map((key) => keyedDigest(key, text))]
  }

  private openPlaintext(payload: string): string {
    if (this.allowPlaintext) return unpackText(payload)
    throw new DecodeError('not encrypted; only serialization.encryption.allowPlaintext reads it')
  }

  private *idsFor(payloads: Iterable<string>): Generator<string> {
    yield this.current
    for (const payload of payloads) {
      const id = keyIdOf(payload)
      if (id !== undefined) yield id
    }
  }

  private currentKey(): EncryptionKey {
    const key = this.ring.keys.get(this.current)
    if (key === undefined) throw new KeyUnavailable(`there is no key "${this.current}", the one to write with`)
    return key
  }
}
