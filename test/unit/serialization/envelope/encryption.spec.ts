import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { assert, nat, property, string, tuple } from 'fast-check'
import { DecodeError } from '../../../../lib/serialization/codec.errors.js'
import { createEnvelope } from '../../../../lib/serialization/envelope/create-envelope.js'
import { bytesIn, encrypting, K1, K2, withBytes } from './keys.js'
import { TEXTS } from './texts.js'

const PLACE = 'am:{memory:~:s:chat} m:1'
const NOT_AUTHENTIC = new DecodeError('not authentic: moved, altered, or under another key of the id "k1"')
const TEXT = '["I arrive on 10 March 2031."]'

const envelope = encrypting({ k1: K1 })
const sealed = envelope.seal(TEXT, PLACE)

describe('Encryption', () => {
  it.each(TEXTS)('opens %s as it was sealed, compressed before or not', (_, text) => {
    const keys = new Map([['k1', K1]])
    const encryption = { current: 'k1', keys, allowPlaintext: false }
    const compressing = createEnvelope({ compression: { minBytes: 4096 }, encryption })
    const payload = compressing.seal(text, PLACE)
    expect(payload.length).toBeLessThanOrEqual(envelope.seal(text, PLACE).length)
    expect(compressing.open(payload, PLACE)).toBe(text)
    expect(envelope.open(payload, PLACE)).toBe(text)
  })

  it('writes the id of the key, and iv, ciphertext and tag, under the place', () => {
    expect(sealed).toMatch(/^ek1\.[\w-]+$/)
    const bytes = bytesIn(sealed)
    expect(bytes).toHaveLength(12 + TEXT.length + 16)
    const decipher = createDecipheriv('aes-256-gcm', K1, bytes.subarray(0, 12))
    decipher.setAAD(Buffer.from(`k1\n${PLACE}`)).setAuthTag(bytes.subarray(-16))
    expect(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString()).toBe(TEXT)
  })

  it('compresses before it encrypts', () => {
    const encryption = { current: 'k1', keys: new Map([['k1', K1]]), allowPlaintext: false }
    const compressing = createEnvelope({ compression: { minBytes: 4096 }, encryption })
    const text = JSON.stringify('word '.repeat(10_000))
    expect(compressing.seal(text, PLACE).length).toBeLessThan(500)
  })

  it('leaves what would not come out smaller', () => {
    const encryption = { current: 'k1', keys: new Map([['k1', K1]]), allowPlaintext: false }
    const compressing = createEnvelope({ compression: { minBytes: 1 }, encryption })
    expect(compressing.seal(TEXT, PLACE)).toHaveLength(sealed.length)
    expect(compressing.open(compressing.seal(TEXT, PLACE), PLACE)).toBe(TEXT)
  })

  it('shows nothing of the text, and never the same twice', () => {
    const payloads = Array.from({ length: 1000 }, () => envelope.seal(TEXT, PLACE))
    expect(new Set(payloads).size).toBe(1000)
    expect(new Set(payloads.map((payload) => bytesIn(payload).toString('hex', 0, 12))).size).toBe(1000)
    expect(payloads.some((payload) => bytesIn(payload).includes('March'))).toBe(false)
    expect([envelope.encrypts, envelope.isOpen(sealed), envelope.isCurrent(sealed)]).toEqual([true, false, true])
  })

  it.each(['', 'am:{memory:~:s:chat} m:2', 'am:{memory:~:s:chat}', `${PLACE} `, `\n${PLACE}`])(
    'refuses to open at "%s" what was sealed elsewhere',
    (place) => {
      expect(() => envelope.open(sealed, place)).toThrow(NOT_AUTHENTIC)
    },
  )

  it('does not mistake the end of an id for the beginning of a place', () => {
    const both = encrypting({ a: K1, 'a-b': K1 })
    const payload = both.seal(TEXT, '-b\nplace')
    expect(() => both.open(payload.replace('ea.', 'ea-b.'), 'place')).toThrow(DecodeError)
  })

  it('refuses every flipped bit', () => {
    const bytes = bytesIn(sealed)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => envelope.open(withBytes(sealed, flipped), PLACE)).toThrow(NOT_AUTHENTIC)
    }
  })

  it('refuses every flipped character', () => {
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A'
      expect(() => envelope.open(sealed.slice(0, at) + other + sealed.slice(at + 1), PLACE)).toThrow(DecodeError)
    }
  })

  it('refuses every shorter and every longer one', () => {
    const bytes = bytesIn(sealed)
    for (let length = 0; length < bytes.length; length++) {
      const reason = length < 28 ? new DecodeError('truncated') : NOT_AUTHENTIC
      expect(() => envelope.open(withBytes(sealed, bytes.subarray(0, length)), PLACE)).toThrow(reason)
      expect(() => envelope.open(sealed.slice(0, length), PLACE)).toThrow(DecodeError)
    }
    for (const end of ['A', 'AA', 'AAAA', '=', '==', ' ', '\n', '.']) {
      expect(() => envelope.open(sealed + end, PLACE)).toThrow(DecodeError)
    }
  })

  // Node itself takes tags of these lengths where none is asked for.
  it.each([4, 8, 12, 13, 14, 15])('refuses a tag of %i bytes', (length) => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', K1, iv, { authTagLength: length })
    cipher.setAAD(Buffer.from(`k1\n${PLACE}`))
    const data = Buffer.concat([iv, cipher.update(TEXT.padEnd(40)), cipher.final(), cipher.getAuthTag()])
    expect(() => envelope.open(withBytes(sealed, data), PLACE)).toThrow(NOT_AUTHENTIC)
  })

  it('refuses the iv of another one', () => {
    const other = bytesIn(envelope.seal(TEXT, PLACE))
    const mixed = Buffer.concat([other.subarray(0, 12), bytesIn(sealed).subarray(12)])
    expect(() => envelope.open(withBytes(sealed, mixed), PLACE)).toThrow(NOT_AUTHENTIC)
  })

  it('refuses another key of the same id', () => {
    expect(() => encrypting({ k1: K2 }).open(sealed, PLACE)).toThrow(NOT_AUTHENTIC)
  })

  it('refuses the same key under another id', () => {
    const renamed = encrypting({ k2: K1 })
    const reason = new DecodeError('not authentic: moved, altered, or under another key of the id "k2"')
    expect(() => renamed.open(sealed.replace('ek1.', 'ek2.'), PLACE)).toThrow(reason)
  })

  it('names an id that it does not know', () => {
    expect(() => encrypting({ k2: K2 }).open(sealed, PLACE)).toThrow(
      new DecodeError('encrypted under the key "k1", which is not known'),
    )
    for (const id of ['toString', '__proto__', 'constructor']) {
      expect(() => envelope.open(`e${id}.AAAA`, PLACE)).toThrow(/is not known/)
    }
  })

  it.each(['e', 'ek1', 'e.AAAA', 'ek 1.AAAA', 'e"k1".AAAA', `e${'k'.repeat(65)}.AAAA`, 'eé.AAAA'])(
    'refuses %s, where no id is',
    (payload) => {
      expect(() => envelope.open(payload, PLACE)).toThrow(new DecodeError('encrypted data without the id of its key'))
    },
  )

  it('refuses base64 that is not what it would write', () => {
    expect(() => envelope.open('ek1.+/+/', PLACE)).toThrow(new DecodeError('not base64url'))
    expect(() => envelope.open(`${sealed}=`, PLACE)).toThrow(new DecodeError('not base64url'))
  })

  it('gives the text or a DecodeError for any mutation, and never another text', () => {
    const mutation = tuple(nat(sealed.length - 1), nat(4), string({ unit: 'binary-ascii', maxLength: 4 }))
    const opened = property(mutation, ([at, removed, added]) => {
      try {
        return envelope.open(sealed.slice(0, at) + added + sealed.slice(at + removed), PLACE) === TEXT
      } catch (error) {
        return error instanceof DecodeError
      }
    })
    expect(() => assert(opened, { numRuns: 5000 })).not.toThrow()
  })
})

describe('Plaintext beside encryption', () => {
  const large = JSON.stringify('word '.repeat(2000))
  const compressed = createEnvelope({ compression: { minBytes: 4096 } }).seal(large, PLACE)
  const reason = new DecodeError('not encrypted; only serialization.encryption.allowPlaintext reads it')

  it('is refused, with the option that reads it', () => {
    expect(compressed).toMatch(/^z/)
    expect(() => envelope.open(TEXT, PLACE)).toThrow(reason)
    expect(() => envelope.open(compressed, PLACE)).toThrow(reason)
    expect(() => envelope.open('', PLACE)).toThrow(reason)
  })

  it('is read with allowPlaintext, and never written', () => {
    const adopting = encrypting({ k1: K1 }, true)
    expect(adopting.open(TEXT, PLACE)).toBe(TEXT)
    expect(adopting.open(compressed, PLACE)).toBe(large)
    expect(adopting.open(sealed, PLACE)).toBe(TEXT)
    expect(() => adopting.open(sealed, 'elsewhere')).toThrow(NOT_AUTHENTIC)
    expect(adopting.seal(TEXT, PLACE)).toMatch(/^ek1\./)
  })

  it('is not current', () => {
    const adopting = encrypting({ k1: K1 }, true)
    expect([TEXT, compressed, sealed].map((payload) => adopting.isCurrent(payload))).toEqual([false, false, true])
  })
})
