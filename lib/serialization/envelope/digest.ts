import { createHmac, hash } from 'node:crypto'
import type { EncryptionKey } from './encryption-key.js'

const DIGITS = 16

/** 16 hex digits that tell texts apart. */
export const plainDigest = (text: string): string => hash('sha256', text, 'hex').slice(0, DIGITS)

/** The same for those only who hold the key: nobody else can try texts until one fits. */
export const keyedDigest = (key: EncryptionKey, text: string): string =>
  createHmac('sha256', key.digest).update(text).digest('hex').slice(0, DIGITS)
