import { describe, expect, it } from '@jest/globals'
import { toAnthropic } from '../../../../lib/context/prompt-formats/anthropic.js'
import type { MessageContent, MessagePart, MessageRole } from '../../../../lib/model/message.interface.js'
import { PDF, PNG, sourceOf, stored, toolDialogue } from './source.js'

const prompt = (...messages: (readonly [MessageRole, MessageContent])[]) => toAnthropic(sourceOf(stored(...messages)))
const userBlocks = (...parts: MessagePart[]) => prompt(['user', parts]).messages[0]?.content
const call = (toolCallId: string, input: unknown = {}): MessagePart => ({
  type: 'tool-call',
  toolCallId,
  toolName: 'find',
  input,
})
const result = (toolCallId: string, output: unknown = 'found'): MessagePart => ({
  type: 'tool-result',
  toolCallId,
  toolName: 'find',
  output,
})

const reasoning = (anthropic: Record<string, unknown>): MessagePart => ({
  type: 'reasoning',
  text: 'hm',
  providerOptions: { anthropic },
})

describe('toAnthropic', () => {
  it('gives calls as tool_use, and all results in the one user message after it', () => {
    expect(toAnthropic(sourceOf(toolDialogue()))).toStrictEqual({
      messages: [
        { role: 'user', content: 'Weather in Oslo and Rome?' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'One moment.' },
            { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Oslo', on: '1970-01-01T00:00:00.000Z' } },
            { type: 'tool_use', id: 'c2', name: 'weather', input: { city: 'Rome' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c1', content: '{"degrees":3}' },
            { type: 'tool_result', tool_use_id: 'c2', content: 'no data', is_error: true },
          ],
        },
        { role: 'assistant', content: '3 degrees in Oslo.' },
      ],
    })
  })

  it('moves memory and all system messages to system, in order', () => {
    const messages = stored(['user', 'a'], ['system', 'In French.'], ['user', 'b'])
    expect(toAnthropic(sourceOf(messages, { summary: { text: 'They met.' } }))).toStrictEqual({
      system: 'Summary of the conversation so far:\nThey met.\n\nIn French.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ],
    })
  })

  it('begins with the user', () => {
    expect(prompt(['assistant', 'Welcome!'], ['user', 'Hi']).messages).toStrictEqual([
      { role: 'user', content: '(The conversation shown here begins with the assistant.)' },
      { role: 'assistant', content: 'Welcome!' },
      { role: 'user', content: 'Hi' },
    ])
    expect(prompt()).toStrictEqual({ messages: [] })
  })

  it('alternates the roles, whatever the order of the messages', () => {
    const roles = prompt(
      ['user', 'a'],
      ['tool', 'b'],
      ['assistant', 'c'],
      ['assistant', [{ type: 'text', text: 'd' }]],
      ['assistant', ' \n'],
      ['user', ''],
      ['assistant', 'e'],
      ['system', 'f'],
      ['user', 'g'],
    ).messages.map(({ role }) => role)
    expect(roles).toEqual(['user', 'assistant', 'user'])
  })

  it('puts results before what else the user says', () => {
    const { messages } = prompt(
      ['user', 'a'],
      ['assistant', [call('c')]],
      ['user', 'Hurry!'],
      ['tool', [result('c', { type: 'text', value: 'x' })]],
    )
    expect(messages[2]?.content).toStrictEqual([
      { type: 'tool_result', tool_use_id: 'c', content: 'x' },
      { type: 'text', text: 'Hurry!' },
    ])
  })

  it('makes ids of other providers fit, the same in call and result', () => {
    const { messages } = prompt(['user', 'a'], ['assistant', [call('fn.find:0')]], ['tool', [result('fn.find:0')]])
    expect(messages[1]?.content).toHaveProperty('0.id', 'fn_2efind_3a0')
    expect(messages[2]?.content).toHaveProperty('0.tool_use_id', 'fn_2efind_3a0')
  })

  it.each([
    [{ a: 1 }, { a: 1 }],
    [null, {}],
    ['{"a":', { input: '{"a":' }],
    [[1], { input: [1] }],
  ])('gives the input %j as the object %j', (input, expected) => {
    const { messages } = prompt(['user', 'a'], ['assistant', [call('c', input)]])
    expect(messages[1]?.content).toHaveProperty('0.input', expected)
  })

  it('splits at the results of the provider', () => {
    const { messages } = prompt(['user', 'a'], ['assistant', [call('c'), result('c'), { type: 'text', text: 'So.' }]])
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant'])
  })

  it('keeps reasoning only with what the API wants back', () => {
    const parts: MessagePart[] = [
      { type: 'reasoning', text: 'of another provider' },
      reasoning({ signature: 'sig' }),
      reasoning({ redactedData: 'sealed' }),
      reasoning({ signature: '' }),
      { type: 'text', text: 'So.' },
      reasoning({ signature: 'cut off' }),
    ]
    expect(prompt(['user', 'a'], ['assistant', parts], ['user', 'b']).messages[1]?.content).toStrictEqual([
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'redacted_thinking', data: 'sealed' },
      { type: 'text', text: 'So.' },
    ])
    const alone = prompt(['user', 'a'], ['assistant', [reasoning({ signature: 'sig' })]], ['user', 'b'])
    expect(alone.messages.map(({ role }) => role)).toEqual(['user'])
  })

  it('trims the end of a last message of the assistant', () => {
    expect(prompt(['user', 'a'], ['assistant', 'So \n']).messages[1]?.content).toBe('So')
    expect(prompt(['user', 'a'], ['assistant', 'So \n'], ['user', 'b']).messages[1]?.content).toBe('So \n')
  })

  it('takes images as data or by URL', () => {
    expect(
      userBlocks(
        { type: 'image', image: PNG },
        { type: 'image', image: 'data:image/jpeg;base64,/9j/' },
        { type: 'image', image: 'https://example.org/a.png' },
        { type: 'file', data: 'AAAA', mediaType: 'image/webp' },
        { type: 'image', image: 'AAAA', mediaType: 'image/bmp' },
      ),
    ).toStrictEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
      { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: '/9j/' } },
      { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'AAAA' } },
      { type: 'text', text: '[image (image/bmp), not shown]' },
    ])
  })

  it('takes PDF and texts as documents, and names other files', () => {
    expect(
      userBlocks(
        { type: 'file', data: PDF, mediaType: 'application/pdf', filename: 'bill.pdf' },
        { type: 'file', data: 'https://example.org/a.pdf', mediaType: 'application/pdf' },
        { type: 'file', data: Buffer.from('Grüße').toString('base64'), mediaType: 'text/markdown' },
        { type: 'file', data: 'AAAA', mediaType: 'application/zip', filename: 'all.zip' },
      ),
    ).toStrictEqual([
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: PDF },
        title: 'bill.pdf',
      },
      { type: 'document', source: { type: 'url', url: 'https://example.org/a.pdf' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grüße' } },
      { type: 'text', text: '[all.zip (application/zip), not shown]' },
    ])
  })

  it('gives the items of a result as blocks', () => {
    const value = [
      { type: 'text', text: 'see' },
      { type: 'image-data', data: PNG, mediaType: 'image/png' },
    ]
    const { messages } = prompt(
      ['user', 'a'],
      ['assistant', [call('c')]],
      ['tool', [result('c', { type: 'content', value })]],
    )
    expect(messages[2]?.content).toHaveProperty('0.content', [
      { type: 'text', text: 'see' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
    ])
  })
})
