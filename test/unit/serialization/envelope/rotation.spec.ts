import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { createEnvelope } from '../../../../lib/serialization/envelope/create-envelope.js'
import { KeyUnavailable } from '../../../../lib/serialization/envelope/key-unavailable.js'
import { encrypting, K1, K2 } from './keys.js'

const TEXT = '["Noted."]'
const before = encrypting({ k1: K1 })
const during = encrypting({ k2: K2, k1: K1 })
const after = encrypting({ k2: K2 })

describe('Rotation of keys', () => {
  it('reads what stands under the old key and writes under the new one', () => {
    const old = before.seal(TEXT, 'place')
    expect(during.open(old, 'place')).toBe(TEXT)
    expect([before.isCurrent(old), during.isCurrent(old)]).toEqual([true, false])
    const renewed = during.seal(during.open(old, 'place'), 'place')
    expect(renewed).toMatch(/^ek2\./)
    expect(during.isCurrent(renewed)).toBe(true)
    expect(after.open(renewed, 'place')).toBe(TEXT)
    expect(() => after.open(old, 'place')).toThrow('encrypted under the key "k1", which is not known')
  })

  it('does not take a key for current whose id only begins like it', () => {
    const longer = encrypting({ k10: K1 })
    expect(before.isCurrent(longer.seal(TEXT, 'place'))).toBe(false)
  })

  it('gives the digest under the current key first, then those under the others', () => {
    const [old] = before.digests(TEXT)
    const [current] = after.digests(TEXT)
    expect(during.digests(TEXT)).toEqual([current, old])
    const inAnotherOrder = createEnvelope({
      encryption: {
        current: 'k2',
        keys: new Map([
          ['k1', K1],
          ['k2', K2],
        ]),
        allowPlaintext: false,
      },
    })
    expect(inAnotherOrder.digests(TEXT)).toEqual([current, old])
    expect(old).not.toBe(current)
  })

  it('makes digests with a key that is not the one that encrypts', () => {
    const derived = Buffer.from(hkdfSync('sha256', K1, '', 'nestjs-agent-memory operation digest', 32))
    const digestUnder = (key: Buffer): string => createHmac('sha256', key).update(TEXT).digest('hex').slice(0, 16)
    expect(before.digests(TEXT)).toEqual([digestUnder(derived)])
    expect(before.digests(TEXT)).not.toEqual([digestUnder(K1)])
    expect(before.digests(TEXT)).not.toEqual(createEnvelope({}).digests(TEXT))
    expect(before.digests(`${TEXT} `)).not.toEqual(before.digests(TEXT))
  })
})

describe('Keys from the options', () => {
  it('are copied: their bytes may be wiped', () => {
    const key = Buffer.from(K1)
    const envelope = encrypting({ k1: key })
    key.fill(0)
    expect(before.open(envelope.seal(TEXT, 'place'), 'place')).toBe(TEXT)
    expect(envelope.digests(TEXT)).toEqual(before.digests(TEXT))
  })

  it('are all at hand, whatever is asked', () => {
    expect(during.prepare()).toBeUndefined()
    expect(during.prepare([before.seal(TEXT, 'place'), 'eunknown.AAAA', TEXT])).toBeUndefined()
  })

  it.each([0, 16, 31, 33])('are refused with %i bytes', (length) => {
    expect(() => encrypting({ k1: Buffer.alloc(length) })).toThrow(
      new KeyUnavailable(`key "k1": ${length} bytes given; allowed: 32 bytes`),
    )
  })

  it('must hold the one to write with', () => {
    const envelope = createEnvelope({
      encryption: { current: 'k2', keys: new Map([['k1', K1]]), allowPlaintext: false },
    })
    const reason = new KeyUnavailable('there is no key "k2", the one to write with')
    expect(() => envelope.seal(TEXT, 'place')).toThrow(reason)
    expect(() => envelope.digests(TEXT)).toThrow(reason)
    expect(envelope.open(before.seal(TEXT, 'place'), 'place')).toBe(TEXT)
  })
})
