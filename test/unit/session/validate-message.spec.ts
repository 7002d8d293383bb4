import { describe, expect, it } from '@jest/globals'
import { MemoryInvalidError } from '../../../lib/errors/memory-invalid.error.js'
import { validateMessages } from '../../../lib/session/validation/validate-message.js'

const refusal = (input: unknown): MemoryInvalidError => {
  try {
    validateMessages(input)
  } catch (error) {
    if (error instanceof MemoryInvalidError) return error
    throw error
  }
  throw new Error('was accepted')
}

const user = (over: object) => ({ role: 'user', content: 'Hello', ...over })
const withPart = (part: unknown) => ({ role: 'assistant', content: [{ type: 'text', text: '' }, part] })

describe('validateMessages takes', () => {
  it('one message, as an array of the same object', () => {
    const message = { role: 'user', content: 'Hello' }
    const result = validateMessages(message)
    expect(result).toHaveLength(1)
    expect(result[0]).toBe(message)
  })

  it('an array as it is, without copies', () => {
    const messages = [user({}), { role: 'assistant', content: '' }]
    expect(validateMessages(messages)).toBe(messages)
  })

  it.each(['system', 'user', 'assistant', 'tool'])('the role %s', (role) => {
    expect(validateMessages({ role, content: 'x' })).toHaveLength(1)
  })

  it('everything a message may have, and an ignored seq', () => {
    const message = user({
      id: 'x'.repeat(256),
      createdAt: new Date(),
      metadata: { at: new Date(), nested: { list: [1] } },
      providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } },
      seq: 7,
    })
    expect(validateMessages(message)).toEqual([message])
  })

  it('undefined for what may be absent', () => {
    const nothing = { id: undefined, createdAt: undefined, metadata: undefined, providerOptions: undefined }
    expect(validateMessages(user({ ...nothing, seq: undefined, text: undefined }))).toHaveLength(1)
  })

  it('instances of classes, metadata without prototype, no parts', () => {
    class Dto {
      role = 'user'
      content = 'Hello'
      id?: string
    }
    expect(validateMessages(new Dto())).toHaveLength(1)
    expect(validateMessages(user({ metadata: Object.create(null) }))).toHaveLength(1)
    expect(validateMessages(user({ content: [] }))).toHaveLength(1)
  })

  it.each([[new Date('0000-01-01T00:00:00.000Z')], [new Date('9999-12-31T23:59:59.999Z')]])(
    'the time %s',
    (createdAt) => {
      expect(validateMessages(user({ createdAt }))).toHaveLength(1)
    },
  )

  it.each([
    { type: 'text', text: 'a', providerOptions: { openai: {} } },
    { type: 'image', image: 'iVBORw0KGgo=' },
    { type: 'image', image: 'https://example.org/a.png', mediaType: 'image/png' },
    { type: 'file', data: 'data:application/pdf;base64,JVBERi0=', mediaType: 'application/pdf', filename: 'a.pdf' },
    { type: 'reasoning', text: '' },
    { type: 'tool-call', toolCallId: 'c1', toolName: 'find', input: {}, providerExecuted: true },
    { type: 'tool-call', toolCallId: 'c1', toolName: 'find', input: null },
    { type: 'tool-result', toolCallId: 'c1', toolName: 'find', output: { type: 'json', value: [1] } },
    { type: 'tool-result', toolCallId: 'c1', toolName: 'find', output: null },
    { type: 'text', text: 'a', keyOfTheFuture: { deep: [1] } },
  ])('the part %j', (part) => {
    expect(validateMessages(withPart(part))).toHaveLength(1)
  })
})

describe('validateMessages refuses', () => {
  it.each<[string, unknown, string, string, RegExp]>([
    ['no message', [], 'messages', 'an empty array', /at least one/],
    ['nothing', undefined, 'messages[0]', 'undefined', /role, content/],
    ['null', null, 'messages[0]', 'null', /role, content/],
    ['a text', 'Hello', 'messages[0]', 'a string of 5 characters', /role, content/],
    ['an array in the array', [user({}), [user({})]], 'messages[1]', 'an array of 1', /role, content/],
    ['undefined in the array', [user({}), undefined], 'messages[1]', 'undefined', /role, content/],
    ['an unknown role', [user({}), user({ role: 'robot' })], 'messages[1].role', 'a string of 5 characters', /'tool'$/],
    ['a role of another library', user({ role: 'developer' }), 'messages[0].role', '', /meant: 'system'/],
    ['no role', { content: 'a' }, 'messages[0].role', 'undefined', /'user'/],
    ['no content', { role: 'user' }, 'messages[0].content', 'undefined', /string or an array of parts/],
    ['a number as content', user({ content: 5 }), 'messages[0].content', 'the number 5', /array of parts/],
    ['an object as content', user({ content: {} }), 'messages[0].content', 'a plain object', /array of parts/],
    ['text for content', { role: 'user', text: 'a' }, 'messages[0].text', 'an unknown key', /belongs into content/],
    ['UI messages', { role: 'user', parts: [] }, 'messages[0].parts', 'an unknown key', /convertToModelMessages/],
    ['operationId', user({ operationId: 'a' }), 'messages[0].operationId', 'an unknown key', /options of append/],
    ['an unknown key', user({ colour: 1 }), 'messages[0].colour', 'an unknown key', /^role, content.*metadata$/],
    ['a key that is a text', user({ 'my secret text': 1 }), 'messages[0]', 'an unknown key', /metadata/],
    ['an empty id', user({ id: '' }), 'messages[0].id', 'an empty string', /1 to 256/],
    ['a long id', user({ id: 'x'.repeat(257) }), 'messages[0].id', 'a string of 257 characters', /1 to 256/],
    ['a numeric id', user({ id: 7 }), 'messages[0].id', 'the number 7', /1 to 256/],
    ['an id of null', user({ id: null }), 'messages[0].id', 'null', /1 to 256/],
    ['an id with half a pair', user({ id: 'a\ud800' }), 'messages[0].id', 'half a surrogate', /well-formed/],
    ['an ISO text', user({ createdAt: '2024-01-01T00:00:00Z' }), 'messages[0].createdAt', 'a string of 20', /^a Date$/],
    ['an invalid Date', user({ createdAt: new Date('x') }), 'messages[0].createdAt', 'an invalid Date', /0 to 9999/],
    ['the year 10000', user({ createdAt: new Date(253_402_300_800_000) }), 'messages[0].createdAt', 'outside', /9999/],
    ['the year -1', user({ createdAt: new Date(-62_167_219_200_001) }), 'messages[0].createdAt', 'outside', /9999/],
    [
      'metadata of a class',
      user({ metadata: new Map() }),
      'messages[0].metadata',
      'an instance of Map',
      /plain object/,
    ],
    ['metadata that is an array', user({ metadata: [] }), 'messages[0].metadata', 'an empty array', /plain object/],
    ['provider options', user({ providerOptions: { a: 1 } }), 'messages[0].providerOptions', '', /by the name/],
  ])('%s', (_case, input, path, given, allowed) => {
    const error = refusal(input)
    expect(error.path).toBe(path)
    expect(error.message).toContain(`${path}: `)
    expect(error.message).toContain(given)
    expect(error.message.slice(error.message.indexOf('allowed: ') + 'allowed: '.length)).toMatch(allowed)
    expect(error).toMatchObject({ code: 'ARGUMENT_INVALID', executed: 'no', retryable: false })
  })

  it.each<[string, unknown, string, RegExp]>([
    ['a text among parts', 'Hello', '', /a string of 5 characters given/],
    ['null among parts', null, '', /null given/],
    ['an unknown type', { type: 'video' }, '.type', /a string of 5 characters given.*'tool-result'$/],
    ['no type', { text: 'a' }, '.type', /undefined given/],
    ['a part of OpenAI', { type: 'image_url', image_url: {} }, '.type', /meant: 'image'/],
    ['a block of Anthropic', { type: 'tool_use' }, '.type', /meant: 'tool-call'/],
    ['a text part without text', { type: 'text' }, '.text', /undefined given/],
    ['reasoning without text', { type: 'reasoning', text: 1 }, '.text', /number 1 given/],
    ['an empty image', { type: 'image', image: '' }, '.image', /an empty string given/],
    [
      'bytes',
      { type: 'image', image: new Uint8Array(3) },
      '.image',
      /instance of Uint8Array given.*toString\(base64\)/,
    ],
    ['an ArrayBuffer', { type: 'image', image: new ArrayBuffer(3) }, '.image', /toString\(base64\)/],
    ['a URL object', { type: 'image', image: new URL('https://example.org') }, '.image', /url\.href/],
    ['a buffer', { type: 'file', data: Buffer.from('a'), mediaType: 'a/b' }, '.data', /toString\(base64\)/],
    ['a file without type', { type: 'file', data: 'a' }, '.mediaType', /undefined given/],
    ['a former name', { type: 'file', data: 'a', mimeType: 'a/b' }, '.mediaType', /here as mimeType: rename it/],
    ['a numeric filename', { type: 'file', data: 'a', mediaType: 'a/b', filename: 1 }, '.filename', /number 1/],
    ['an image type', { type: 'image', image: 'a', mediaType: 1 }, '.mediaType', /number 1/],
    ['a call without id', { type: 'tool-call', toolName: 'a', input: {} }, '.toolCallId', /undefined given/],
    ['a call without name', { type: 'tool-call', toolCallId: 'a', toolName: '', input: {} }, '.toolName', /empty/],
    [
      'a call without input',
      { type: 'tool-call', toolCallId: 'a', toolName: 'b' },
      '.input',
      /\{\} when there are none/,
    ],
    ['args', { type: 'tool-call', toolCallId: 'a', toolName: 'b', args: {} }, '.input', /here as args/],
    [
      'providerExecuted',
      { type: 'tool-call', toolCallId: 'a', toolName: 'b', input: 1, providerExecuted: 'yes' },
      '.providerExecuted',
      /a boolean/,
    ],
    ['a result without id', { type: 'tool-result', toolName: 'b', output: 1 }, '.toolCallId', /undefined given/],
    ['no output', { type: 'tool-result', toolCallId: 'a', toolName: 'b', result: 1 }, '.output', /here as result/],
    ['provider options', { type: 'text', text: 'a', providerOptions: [] }, '.providerOptions', /plain object/],
  ])('%s as a part', (_case, part, key, message) => {
    const error = refusal([user({}), withPart(part)])
    expect(error.path).toBe(`messages[1].content[1]${key}`)
    expect(error.message).toMatch(message)
  })

  it('without saying what the user said', () => {
    for (const input of [
      user({ role: 'secret' }),
      user({ id: `secret${'x'.repeat(256)}` }),
      'secret',
      user({ 'a secret': 1 }),
    ]) {
      expect(refusal(input).message).not.toContain('secret')
    }
  })
})
