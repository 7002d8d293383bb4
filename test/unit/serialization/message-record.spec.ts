import { describe, expect, it } from '@jest/globals'
import type { MessageInput } from '../../../lib/model/message.interface.js'
import { DecodeError } from '../../../lib/serialization/codec.errors.js'
import { ValueCodec } from '../../../lib/serialization/codec/value-codec.js'
import { createEnvelope } from '../../../lib/serialization/envelope/create-envelope.js'
import { decodeMessage, encodeMessage } from '../../../lib/serialization/message-record.js'
import { createTypes } from '../../../lib/serialization/types/create-types.js'
import { RecordCodec } from '../../../lib/serialization/record-codec.js'

const codec = new ValueCodec(createTypes([]))
const records = new RecordCodec(codec, createEnvelope({}), 'key')
const encode = (message: MessageInput) => () => encodeMessage(codec, message, () => 1, 'messages[2]')
const record = (message: MessageInput, operation = '9f86d081884c7d65', now = 1_795_333_733_311): string => {
  const { head, text } = encodeMessage(codec, message, () => 12, 'messages[0]')
  return `${head}${head.includes(' ') ? '' : ` ${now}`} ${operation} ${text}`
}

describe('the record of a message', () => {
  it('is readable', () => {
    expect(record({ role: 'user', content: 'Hello' })).toBe('1u12 1795333733311 9f86d081884c7d65 ["Hello"]')
  })

  it('takes fewer bytes than the message as a JSON object', () => {
    const content = 'x'.repeat(200)
    const object = JSON.stringify({
      id: '9f86d081884c7d65',
      role: 'user',
      content,
      createdAt: new Date(1_795_333_733_311),
    })
    expect(record({ role: 'user', content }).length / object.length).toBeLessThanOrEqual(0.95)
  })

  it.each<[string, MessageInput]>([
    ['a text', { role: 'user', content: 'Hello' }],
    ['an empty text', { role: 'assistant', content: '' }],
    [
      'parts',
      { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c', toolName: 't', output: { a: new Date(0) } }] },
    ],
    ['metadata', { role: 'system', content: 'a', metadata: { $x: 1 } }],
    ['an id', { role: 'user', content: 'a', id: 'my id' }],
    ['an id and metadata', { role: 'user', content: 'a', id: 'my id', metadata: {} }],
    ['provider options', { role: 'user', content: 'a', providerOptions: { p: { cache: true } } }],
    ['a time before 1970', { role: 'user', content: 'a', createdAt: new Date(-1) }],
  ])('holds %s', (_, message) => {
    const { message: decoded, tokens } = decodeMessage(records, 7, record(message, '9f86d081884c7d65.3'))
    expect(tokens).toBe(12)
    expect(decoded).toStrictEqual({
      id: '9f86d081884c7d65.3',
      createdAt: new Date(1_795_333_733_311),
      ...message,
      seq: 7,
    })
  })

  it('names the place of a value that it refuses', () => {
    expect(encode({ role: 'user', content: 'a', metadata: { a: [() => 1] } })).toThrow(
      expect.objectContaining({ code: 'NOT_SERIALIZABLE', path: 'messages[2].metadata.a[0]' }),
    )
    const call = { type: 'tool-call', toolCallId: 'c', toolName: 't', input: { 'a-b': Symbol('x') } } as const
    expect(encode({ role: 'assistant', content: [call] })).toThrow(
      expect.objectContaining({ path: 'messages[2].content[0].input["a-b"]' }),
    )
    expect(encode({ role: 'user', content: 'a', providerOptions: { p: { x: () => 1 } } })).toThrow(
      expect.objectContaining({ path: 'messages[2].providerOptions.p.x' }),
    )
  })

  it.each([
    '',
    'broken',
    '1u12 1795333733311 9f86d081884c7d65',
    '1x12 1795333733311 9f86d081884c7d65 ["a"]',
    '1u12 1795333733311 9f86d081884c7d65 ["a"',
    '1u12 1795333733311 9f86d081884c7d65 {}',
    '1u12 1795333733311 9f86d081884c7d65 [5]',
    '1u12 1795333733311 9f86d081884c7d65 []',
    '9u12 1795333733311 9f86d081884c7d65 ["a"]',
  ])('is not read out of %j', (text) => {
    expect(() => decodeMessage(records, 1, text)).toThrow(DecodeError)
  })
})
