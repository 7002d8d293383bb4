import { DecodeError } from '../codec.errors.js'
import { packText, unpackText, type Compression } from './compression.js'
import { plainDigest } from './digest.js'
import type { Envelope } from './envelope.interface.js'
import { isEncrypted, isOpen } from './payload-form.js'

/** No encryption. What is compressed is read also when nothing is compressed any more. */
export class PlainEnvelope implements Envelope {
  readonly encrypts = false

  constructor(private readonly compression: Compression) {}

  prepare(): undefined {
    return undefined
  }

  seal(text: string): string {
    return packText(text, this.compression)
  }

  open(payload: string): string {
    if (isEncrypted(payload)) throw new DecodeError('encrypted, and no keys are configured')
    return unpackText(payload)
  }

  isOpen(payload: string): boolean {
    return isOpen(payload)
  }

  isCurrent(payload: string): boolean {
    return !isEncrypted(payload)
  }

  digests(text: string): readonly [string] {
    return [plainDigest(text)]
  }
}
