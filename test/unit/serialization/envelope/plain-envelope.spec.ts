import { hash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { DecodeError } from '../../../../lib/serialization/codec.errors.js'
import { createEnvelope } from '../../../../lib/serialization/envelope/create-envelope.js'
import { TEXTS } from './texts.js'

describe('The envelope without options', () => {
  const envelope = createEnvelope({})

  it.each(TEXTS)('leaves %s as it is', (_, text) => {
    expect(envelope.seal(text, 'place')).toBe(text)
    expect(envelope.open(text, 'another place')).toBe(text)
  })

  it('needs no keys', () => {
    expect(envelope.encrypts).toBe(false)
    expect(envelope.prepare(['ek1.AAAA'])).toBeUndefined()
  })

  it('refuses what is encrypted', () => {
    expect(() => envelope.open('ek1.AAAA', 'place')).toThrow(new DecodeError('encrypted, and no keys are configured'))
    expect(envelope.isCurrent('ek1.AAAA')).toBe(false)
    expect(envelope.isOpen('ek1.AAAA')).toBe(false)
  })

  it.each(['~{"$date":0}', '["z"]', '{"e":1}', '"ek1.x"', '-1', '0', 'true', 'false', 'null'])(
    'takes %s as open and current',
    (payload) => {
      expect(envelope.isOpen(payload)).toBe(true)
      expect(envelope.isCurrent(payload)).toBe(true)
    },
  )

  it('tells texts apart by the first 16 digits of their SHA-256', () => {
    expect(envelope.digests('append\n☕')).toEqual([hash('sha256', 'append\n☕', 'hex').slice(0, 16)])
  })
})
