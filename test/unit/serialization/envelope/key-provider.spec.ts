import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import type { KeyProvider } from '../../../../lib/options/serialization-options.interface.js'
import { createEnvelope } from '../../../../lib/serialization/envelope/create-envelope.js'
import type { Envelope } from '../../../../lib/serialization/envelope/envelope.interface.js'
import { KeyUnavailable } from '../../../../lib/serialization/envelope/key-unavailable.js'
import { ProvidedKeys } from '../../../../lib/serialization/envelope/provided-keys.js'
import { encrypting, K1, K2 } from './keys.js'

const TEXT = '["Noted."]'
const KEYS: Readonly<Record<string, Buffer>> = { k1: K1, k2: K2 }
const underK2 = encrypting({ k2: K2 }).seal(TEXT, 'place')

const withProvider = (keys: KeyProvider): Envelope =>
  createEnvelope({ encryption: { current: 'k1', keys, allowPlaintext: false } })

/** A provider that remembers what it was asked. */
const recording = (give: KeyProvider): { asked: string[]; provider: KeyProvider } => {
  const asked: string[] = []
  return {
    asked,
    provider: (id) => {
      asked.push(id)
      return give(id)
    },
  }
}

/** What stands for a provider of no manners. */
const giving = (value: unknown): KeyProvider => (() => value) as KeyProvider

describe('Keys from a provider', () => {
  it('are asked for once: the current one, and those of the payloads', async () => {
    const { asked, provider } = recording(async (id) => KEYS[id])
    const envelope = withProvider(provider)
    await envelope.prepare([underK2, TEXT, 'z5.AAAA', underK2])
    expect(asked.toSorted()).toEqual(['k1', 'k2'])
    expect(envelope.open(underK2, 'place')).toBe(TEXT)
    expect(envelope.open(envelope.seal(TEXT, 'place'), 'place')).toBe(TEXT)
    expect(envelope.prepare()).toBeUndefined()
    expect(envelope.prepare([underK2, envelope.seal(TEXT, 'place')])).toBeUndefined()
    expect(asked).toHaveLength(2)
  })

  it('are asked for once by calls at the same time', async () => {
    const { asked, provider } = recording(async (id) => {
      await setImmediate()
      return KEYS[id]
    })
    const envelope = withProvider(provider)
    await Promise.all(Array.from({ length: 50 }, async () => envelope.prepare([underK2])))
    expect(asked.toSorted()).toEqual(['k1', 'k2'])
    expect(envelope.digests(TEXT)).toHaveLength(2)
  })

  it('may be given without a promise, as any array of bytes, and be wiped afterwards', async () => {
    const given = new Uint8Array(K1)
    const envelope = withProvider(() => given)
    await envelope.prepare()
    given.fill(0)
    expect(encrypting({ k1: K1 }).open(envelope.seal(TEXT, 'place'), 'place')).toBe(TEXT)
  })

  it('are asked for again after a failure, which all who waited see', async () => {
    const failure = new Error('throttled')
    let failures = 1
    const { asked, provider } = recording(async (id) => {
      await setImmediate()
      if (failures-- > 0) throw failure
      return KEYS[id]
    })
    const envelope = withProvider(provider)
    const results = await Promise.allSettled([envelope.prepare(), envelope.prepare()])
    const reason = new KeyUnavailable('the key provider failed for key "k1"', failure)
    expect(results).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
    expect(results.map((result) => result.status === 'rejected' && (result.reason as Error).cause)).toEqual([
      failure,
      failure,
    ])
    expect(() => envelope.seal(TEXT, 'place')).toThrow(KeyUnavailable)
    await envelope.prepare()
    expect(envelope.seal(TEXT, 'place')).toMatch(/^ek1\./)
    expect(asked).toEqual(['k1', 'k1'])
  })

  it('may fail without a promise, too', async () => {
    const envelope = withProvider(() => {
      throw new Error('not configured')
    })
    await expect(envelope.prepare()).rejects.toThrow(KeyUnavailable)
  })

  it('are kept when another one fails', async () => {
    const { asked, provider } = recording(async (id) => {
      if (id === 'k2') throw new Error('denied')
      return KEYS[id]
    })
    const envelope = withProvider(provider)
    await expect(envelope.prepare([underK2])).rejects.toThrow('the key provider failed for key "k2"')
    expect(envelope.prepare()).toBeUndefined()
    expect(asked.toSorted()).toEqual(['k1', 'k2'])
  })

  it('that do not exist are asked for again: they may have been created meanwhile', async () => {
    const keys = new Map([['k1', K1]])
    const { asked, provider } = recording((id) => keys.get(id))
    const envelope = withProvider(provider)
    await envelope.prepare([underK2])
    expect(() => envelope.open(underK2, 'place')).toThrow('encrypted under the key "k2", which is not known')
    keys.set('k2', K2)
    await envelope.prepare([underK2])
    expect(envelope.open(underK2, 'place')).toBe(TEXT)
    expect(asked).toEqual(['k1', 'k2', 'k2'])
  })

  it('leave nothing to write with when the current one does not exist', async () => {
    const envelope = withProvider(() => undefined)
    await envelope.prepare()
    const reason = new KeyUnavailable('there is no key "k1", the one to write with')
    expect(() => envelope.seal(TEXT, 'place')).toThrow(reason)
    expect(() => envelope.digests(TEXT)).toThrow(reason)
  })

  it.each<[string, unknown, string]>([
    ['16 bytes', K1.subarray(16), '16 bytes'],
    ['base64', K1.toString('base64'), 'a string of 44 characters'],
    ['null', null, 'null'],
    ['an ArrayBuffer', new ArrayBuffer(32), 'an instance of ArrayBuffer'],
  ])('are refused as %s, and asked for again', async (_, value, kind) => {
    const envelope = withProvider(giving(value))
    const reason = new KeyUnavailable(`key "k1": ${kind} given; allowed: 32 bytes`)
    await expect(envelope.prepare()).rejects.toThrow(reason)
    await expect(envelope.prepare()).rejects.toThrow(reason)
  })

  it('show nothing when they are printed', async () => {
    const ring = new ProvidedKeys((id) => KEYS[id])
    await ring.load(['k1'])
    expect(JSON.stringify([...ring.keys.values()])).toBe('[{"id":"k1","cipher":{},"digest":{}}]')
  })

  it('of a question that hangs are asked for anew after ten seconds, and the late answer does no harm', async () => {
    const answers: ((key: Buffer) => void)[] = []
    let now = 0
    const ring = new ProvidedKeys(
      () => new Promise((resolve) => answers.push(resolve)),
      () => now,
    )
    const first = ring.load(['k1'])
    now = 9_999
    const joined = ring.load(['k1'])
    expect(answers).toHaveLength(1)
    now = 10_000
    const second = ring.load(['k1'])
    expect(answers).toHaveLength(2)
    answers[1]!(K1)
    await second
    expect(ring.load(['k1'])).toBeUndefined()
    answers[0]!(K1)
    await Promise.all([first, joined])
    expect([...ring.keys.keys()]).toEqual(['k1'])
  })

  it('are not asked for by the thousand, however many ids stand in Redis', async () => {
    const { asked, provider } = recording((id) => KEYS[id])
    const envelope = withProvider(provider)
    await envelope.prepare(Array.from({ length: 10_000 }, (_, index) => `efake${index}.AAAA`))
    expect(asked).toHaveLength(128)
    expect(asked[0]).toBe('k1')
  })
})
