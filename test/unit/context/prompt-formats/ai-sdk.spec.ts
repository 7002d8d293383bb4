import { describe, expect, it } from '@jest/globals'
import { toAiSdk } from '../../../../lib/context/prompt-formats/ai-sdk.js'
import { PNG, sourceOf, stored, toolDialogue } from './source.js'

describe('toAiSdk', () => {
  it('gives role, content and provider options, and nothing of what memory adds', () => {
    const providerOptions = { anthropic: { cacheControl: { type: 'ephemeral' }, at: new Date(0) } }
    const messages = stored(['system', 'Be brief.'], ['user', 'Hello', { providerOptions }], ['assistant', 'Hi'])
    expect(toAiSdk(sourceOf(messages))).toStrictEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: 'Hello',
        providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' }, at: '1970-01-01T00:00:00.000Z' } },
      },
      { role: 'assistant', content: 'Hi' },
    ])
  })

  it('puts summary, facts and state in front', () => {
    const more = { summary: { text: 'They met.' }, facts: ['likes tea'], state: { since: new Date(0) } }
    const [first, ...rest] = toAiSdk(sourceOf(stored(['user', 'Hello']), more))
    expect(first).toStrictEqual({
      role: 'system',
      content: expect.stringMatching(/They met\.[^]*likes tea[^]*1970-01-01T/),
    })
    expect(rest).toStrictEqual([{ role: 'user', content: 'Hello' }])
  })

  it('keeps calls and results with JSON values', () => {
    const [, call, first, second] = toAiSdk(sourceOf(toolDialogue()))
    expect(call).toStrictEqual({
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Two calls.' },
        { type: 'text', text: 'One moment.' },
        {
          type: 'tool-call',
          toolCallId: 'c1',
          toolName: 'weather',
          input: { city: 'Oslo', on: '1970-01-01T00:00:00.000Z' },
        },
        { type: 'tool-call', toolCallId: 'c2', toolName: 'weather', input: { city: 'Rome' } },
      ],
    })
    expect(first).toStrictEqual({
      role: 'tool',
      content: [
        { type: 'tool-result', toolCallId: 'c1', toolName: 'weather', output: { type: 'json', value: { degrees: 3 } } },
      ],
    })
    expect(second).toHaveProperty('content.0.output', { type: 'error-text', value: 'no data' })
  })

  it.each([
    ['a text', 'fine', { type: 'text', value: 'fine' }],
    [
      'a bare value',
      { degrees: 3, at: new Date(0) },
      { type: 'json', value: { degrees: 3, at: '1970-01-01T00:00:00.000Z' } },
    ],
    ['null', null, { type: 'json', value: null }],
    ['a type without its value', { type: 'text', value: 5 }, { type: 'json', value: { type: 'text', value: 5 } }],
    [
      'an unknown item',
      { type: 'content', value: [{ type: 'x' }] },
      { type: 'json', value: { type: 'content', value: [{ type: 'x' }] } },
    ],
    ['a denial', { type: 'execution-denied', reason: 'no' }, { type: 'execution-denied', reason: 'no' }],
  ])('tells an output that is %s as the SDK takes it', (_case, output, expected) => {
    const messages = stored(['tool', [{ type: 'tool-result', toolCallId: 'c', toolName: 't', output }]])
    expect(toAiSdk(sourceOf(messages))[0]).toHaveProperty('content.0.output', expected)
  })

  it('finds a place for what the SDK does not take in a role', () => {
    const result = { type: 'tool-result', toolCallId: 'c', toolName: 't', output: 'done' } as const
    const messages = stored(
      [
        'system',
        [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
          { type: 'image', image: PNG },
        ],
      ],
      ['user', [{ type: 'text', text: 'see' }, result]],
      ['tool', 'by hand'],
      ['assistant', [{ type: 'image', image: PNG }]],
      ['user', [{ type: 'reasoning', text: 'lost' }]],
    )
    expect(toAiSdk(sourceOf(messages))).toStrictEqual([
      { role: 'system', content: 'a\nb' },
      { role: 'tool', content: [{ ...result, output: { type: 'text', value: 'done' } }] },
      { role: 'user', content: [{ type: 'text', text: 'see' }] },
      { role: 'user', content: 'by hand' },
      { role: 'assistant', content: [{ type: 'file', data: PNG, mediaType: 'image/png' }] },
    ])
  })
})
