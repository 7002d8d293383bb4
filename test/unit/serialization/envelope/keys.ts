import { randomBytes } from 'node:crypto'
import { createEnvelope } from '../../../../lib/serialization/envelope/create-envelope.js'
import type { Envelope } from '../../../../lib/serialization/envelope/envelope.interface.js'

export const K1 = randomBytes(32)
export const K2 = randomBytes(32)

/** An envelope that encrypts under the first of the keys, and reads under all of them. */
export const encrypting = (keys: Readonly<Record<string, Buffer>>, allowPlaintext = false): Envelope =>
  createEnvelope({
    encryption: { current: Object.keys(keys)[0]!, keys: new Map(Object.entries(keys)), allowPlaintext },
  })

/** The bytes of an encrypted payload: iv, ciphertext, tag. */
export const bytesIn = (payload: string): Buffer => Buffer.from(payload.slice(payload.indexOf('.') + 1), 'base64url')

/** The payload with other bytes. */
export const withBytes = (payload: string, bytes: Buffer): string =>
  payload.slice(0, payload.indexOf('.') + 1) + bytes.toString('base64url')
