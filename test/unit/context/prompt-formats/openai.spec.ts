import { describe, expect, it } from '@jest/globals'
import { toOpenAi } from '../../../../lib/context/prompt-formats/openai.js'
import type { MessagePart } from '../../../../lib/model/message.interface.js'
import { PDF, PNG, sourceOf, stored, toolDialogue } from './source.js'

const userParts = (...parts: MessagePart[]) => toOpenAi(sourceOf(stored(['user', parts])))[0]?.content

describe('toOpenAi', () => {
  it('gives calls with JSON arguments, and one message for each result', () => {
    expect(toOpenAi(sourceOf(toolDialogue()))).toStrictEqual([
      { role: 'user', content: 'Weather in Oslo and Rome?' },
      {
        role: 'assistant',
        content: 'One moment.',
        tool_calls: [
          {
            id: 'c1',
            type: 'function',
            function: { name: 'weather', arguments: '{"city":"Oslo","on":"1970-01-01T00:00:00.000Z"}' },
          },
          { id: 'c2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: '{"degrees":3}' },
      { role: 'tool', tool_call_id: 'c2', content: 'no data' },
      { role: 'assistant', content: '3 degrees in Oslo.' },
    ])
  })

  it('has null for content when there are only calls', () => {
    const call = { type: 'tool-call', toolCallId: 'c', toolName: 't', input: {} } as const
    expect(toOpenAi(sourceOf(stored(['assistant', [call]])))[0]).toHaveProperty('content', null)
  })

  it('keeps system messages where they stand, with memory in front', () => {
    const messages = stored(['user', 'a'], ['system', 'From now on in French.'], ['user', 'b'])
    const prompt = toOpenAi(sourceOf(messages, { state: { city: 'Oslo' } }))
    expect(prompt.map(({ role }) => role)).toEqual(['system', 'user', 'system', 'user'])
    expect(prompt[0]?.content).toContain('"city": "Oslo"')
    expect(prompt[2]?.content).toBe('From now on in French.')
  })

  it('leaves out what was reasoned, and messages that have nothing else', () => {
    expect(toOpenAi(sourceOf(stored(['assistant', [{ type: 'reasoning', text: 'hm' }]])))).toEqual([])
  })

  it('puts results of the provider behind their call', () => {
    const messages = stored([
      'assistant',
      [
        { type: 'tool-call', toolCallId: 'c', toolName: 'search', input: { q: 'x' }, providerExecuted: true },
        { type: 'tool-result', toolCallId: 'c', toolName: 'search', output: { type: 'text', value: 'found' } },
        { type: 'text', text: 'It says so.' },
      ],
    ])
    expect(toOpenAi(sourceOf(messages)).map(({ role, content }) => [role, content])).toEqual([
      ['assistant', null],
      ['tool', 'found'],
      ['assistant', 'It says so.'],
    ])
  })

  it('tells the items of a result as text', () => {
    const value = [
      { type: 'text', text: 'see' },
      { type: 'image-data', data: PNG, mediaType: 'image/png' },
      { type: 'file-url', url: 'https://example.org/a.pdf', mediaType: 'application/pdf' },
    ]
    const output = { type: 'content', value }
    const messages = stored(['tool', [{ type: 'tool-result', toolCallId: 'c', toolName: 't', output }]])
    expect(toOpenAi(sourceOf(messages))[0]?.content).toBe(
      'see\n[image (image/png), not shown]\n[file (application/pdf): https://example.org/a.pdf]',
    )
  })

  it.each([
    ['base64 of unknown type', { type: 'image', image: PNG }, `data:image/png;base64,${PNG}`],
    ['base64', { type: 'image', image: 'AAAA', mediaType: 'image/webp' }, 'data:image/webp;base64,AAAA'],
    [
      'a JPEG with a wildcard',
      { type: 'image', image: '/9j/AA==', mediaType: 'image/*' },
      'data:image/jpeg;base64,/9j/AA==',
    ],
    ['a data URL', { type: 'image', image: 'data:image/gif;base64,R0lGOD' }, 'data:image/gif;base64,R0lGOD'],
    ['a URL', { type: 'image', image: 'https://example.org/a.png' }, 'https://example.org/a.png'],
    ['a file', { type: 'file', data: PNG, mediaType: 'image/png' }, `data:image/png;base64,${PNG}`],
  ] as const)('takes an image that is %s', (_case, part, url) => {
    expect(userParts(part)).toStrictEqual([{ type: 'image_url', image_url: { url } }])
  })

  it('takes PDF and audio as data, texts as text, and names other files', () => {
    const text = Buffer.from('Grüße').toString('base64')
    expect(
      userParts(
        { type: 'file', data: PDF, mediaType: 'application/pdf', filename: 'bill.pdf' },
        { type: 'file', data: `data:application/pdf;base64,${PDF}`, mediaType: 'application/pdf' },
        { type: 'file', data: 'AAAA', mediaType: 'audio/mpeg' },
        { type: 'file', data: text, mediaType: 'text/plain' },
        { type: 'file', data: 'data:text/plain,Gr%C3%BC%C3%9Fe', mediaType: 'text/plain' },
        { type: 'file', data: 'https://example.org/a.pdf', mediaType: 'application/pdf' },
        { type: 'file', data: 'AAAA', mediaType: 'application/zip', filename: 'all.zip' },
      ),
    ).toStrictEqual([
      { type: 'file', file: { filename: 'bill.pdf', file_data: `data:application/pdf;base64,${PDF}` } },
      { type: 'file', file: { filename: 'document.pdf', file_data: `data:application/pdf;base64,${PDF}` } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
      { type: 'text', text: 'Grüße' },
      { type: 'text', text: 'Grüße' },
      { type: 'text', text: '[file (application/pdf): https://example.org/a.pdf]' },
      { type: 'text', text: '[all.zip (application/zip), not shown]' },
    ])
  })
})
