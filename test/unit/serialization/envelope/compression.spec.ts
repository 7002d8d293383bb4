import { randomBytes } from 'node:crypto'
import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { assert, nat, property, string, tuple } from 'fast-check'
import { DecodeError } from '../../../../lib/serialization/codec.errors.js'
import { createEnvelope } from '../../../../lib/serialization/envelope/create-envelope.js'
import { TEXTS } from './texts.js'

const MIN_BYTES = 4096
const compressing = createEnvelope({ compression: { minBytes: MIN_BYTES } })
const plain = createEnvelope({})
const WORDS = JSON.stringify('Grüße, ☕. '.repeat(1000))

const payload = (bytes: number | string, data: Buffer): string => `z${bytes}.${data.toString('base64')}`

/** A JSON text of so many bytes, in about half as many characters. */
const ofBytes = (bytes: number): string => JSON.stringify('é'.repeat((bytes - 2) / 2))

/** What deflate makes of `bytes` zeros. */
const zeros = (bytes: number): Buffer => deflateRawSync(Buffer.alloc(bytes, '0'))

describe('Compression', () => {
  it.each(TEXTS)('opens %s as it was sealed, with and without the option', (_, text) => {
    const sealed = compressing.seal(text, 'place')
    expect(compressing.open(sealed, 'place')).toBe(text)
    expect(plain.open(sealed, 'place')).toBe(text)
  })

  it('writes the bytes of the text, and raw deflate in base64', () => {
    expect(compressing.seal(WORDS, 'place')).toBe(payload(Buffer.byteLength(WORDS), deflateRawSync(WORDS)))
  })

  it('counts bytes, not characters, and leaves what is smaller', () => {
    expect(compressing.seal(ofBytes(MIN_BYTES - 2), 'place')).toMatch(/^"/)
    expect(compressing.seal(ofBytes(MIN_BYTES), 'place')).toMatch(/^z4096\./)
  })

  it('leaves what would not come out smaller', () => {
    const text = JSON.stringify(randomBytes(6000).toString('base64'))
    expect(compressing.seal(text, 'place')).toBe(text)
  })

  it('is not open to the server, but current', () => {
    const sealed = compressing.seal(WORDS, 'place')
    expect([compressing.isOpen(sealed), plain.isOpen(sealed)]).toEqual([false, false])
    expect([compressing.isCurrent(sealed), plain.isCurrent(sealed), compressing.isCurrent(WORDS)]).toEqual([
      true,
      true,
      true,
    ])
  })

  it.each<[string, string, string]>([
    ['no size', 'z.AAAA', 'compressed data without its size'],
    ['nothing else', 'z', 'compressed data without its size'],
    ['no end of its size', 'z123', 'compressed data without its size'],
    ['a size of 0', payload(0, deflateRawSync('')), 'compressed data without its size'],
    ['a negative size', payload(-5, zeros(5)), 'compressed data without its size'],
    ['a size with leading zeros', payload('05', zeros(5)), 'compressed data without its size'],
    ['a size of ten digits', payload('1000000000', zeros(5)), 'compressed data without its size'],
    ['no data', 'z5.', 'a compressed size of 5 bytes, which 0 bytes cannot have'],
    ['more than it says', payload(99, zeros(100)), 'compressed data that does not open'],
    ['less than it says', payload(101, zeros(100)), 'compressed data of another size than it says'],
    ['an end too early', payload(100, zeros(100).subarray(0, -2)), 'compressed data that does not open'],
    ['data that is not deflate', payload(100, Buffer.from([255, 255, 255])), 'compressed data that does not open'],
    ['bytes that are no UTF-8', payload(2, deflateRawSync(Buffer.from([0xc3, 0x28]))), 'not UTF-8'],
    ['a surrogate in UTF-8', payload(3, deflateRawSync(Buffer.from([0xed, 0xa0, 0x80]))), 'not UTF-8'],
    ['characters that are no base64', `${payload(100, zeros(100))}!`, 'not base64'],
    ['base64 of another alphabet', 'z5.__-_', 'not base64'],
    ['base64 with bits of nothing', 'z5.QZ==', 'not base64'],
  ])('refuses a payload with %s', (_, sealed, reason) => {
    expect(() => plain.open(sealed, 'place')).toThrow(new DecodeError(reason))
  })

  it('refuses a size that so few bytes cannot have before it allocates anything', () => {
    const data = zeros(1000)
    const most = data.length * 1032
    expect(() => plain.open(payload(most + 1, data), 'place')).toThrow(/which \d+ bytes cannot have/)
    expect(() => plain.open(payload(most, data), 'place')).toThrow(/another size/)
    expect(() => plain.open(payload(600_000_000, zeros(600_000)), 'place')).toThrow(/cannot have/)
  })

  it('takes a size of 512 MiB or more from no number of bytes', () => {
    const data = Buffer.alloc(700_000)
    expect(() => plain.open(payload(536_870_912, data), 'place')).toThrow(/cannot have/)
  })

  it('opens text as dense as deflate can be', () => {
    const text = JSON.stringify('0'.repeat(10_000_000))
    const sealed = compressing.seal(text, 'place')
    expect(sealed.length).toBeLessThan(14_000)
    expect(plain.open(sealed, 'place')).toBe(text)
  })

  it('stops at the size it says, in bounded time and memory', () => {
    const zerosOf16MiB = deflateRawSync(Buffer.alloc(2 ** 24), { finishFlush: constants.Z_FULL_FLUSH })
    const bomb = payload(1000, Buffer.concat(Array.from({ length: 128 }, () => zerosOf16MiB)))
    const peak = process.resourceUsage().maxRSS
    const start = performance.now()
    expect(() => plain.open(bomb, 'place')).toThrow('compressed data that does not open')
    expect(performance.now() - start).toBeLessThan(1000)
    expect(process.resourceUsage().maxRSS - peak).toBeLessThan(100_000)
  })

  it('gives a text or a DecodeError for any mutation', () => {
    const sealed = compressing.seal(WORDS, 'place')
    const mutation = tuple(nat(sealed.length - 1), nat(2), string({ unit: 'binary-ascii', maxLength: 3 }))
    const opened = property(mutation, ([at, removed, added]) => {
      const mutated = `z${(sealed.slice(0, at) + added + sealed.slice(at + removed)).slice(1)}`
      try {
        return typeof plain.open(mutated, 'place') === 'string'
      } catch (error) {
        return error instanceof DecodeError
      }
    })
    expect(() => assert(opened, { numRuns: 2000 })).not.toThrow()
  })
})
