import { describe, expect, it } from '@jest/globals'
import { createTypes } from '../../../lib/serialization/types/create-types.js'
import {
  countMessage,
  TOKENS_PER_FILE,
  TOKENS_PER_IMAGE,
  TOKENS_PER_MESSAGE,
  TOKENS_PER_TOOL_PART,
} from '../../../lib/context/count-message.js'
import { TokenCounter } from '../../../lib/model/token-counter.js'
import type { MessagePart } from '../../../lib/model/message.interface.js'

/** One token for each character, so that what was counted can be seen. */
class Characters extends TokenCounter {
  override count(text: string): number {
    return text.length
  }
}

const count = (content: string | MessagePart[]): number =>
  countMessage(new Characters(), { content }, createTypes([])) - TOKENS_PER_MESSAGE

describe('countMessage', () => {
  it('counts texts', () => {
    expect(count('12345')).toBe(5)
    expect(count('')).toBe(0)
    expect(count([])).toBe(0)
    expect(
      count([
        { type: 'text', text: '123' },
        { type: 'reasoning', text: '12' },
      ]),
    ).toBe(5)
  })

  it('counts calls and results as JSON text', () => {
    const call = { type: 'tool-call', toolCallId: 'c', toolName: 'find', input: { on: new Date(0) } } as const
    expect(count([call])).toBe(TOKENS_PER_TOOL_PART + 'find{"on":"1970-01-01T00:00:00.000Z"}'.length)
    const result = (output: unknown) => count([{ type: 'tool-result', toolCallId: 'c', toolName: 'find', output }])
    expect(result({ type: 'json', value: [1, 2] })).toBe(TOKENS_PER_TOOL_PART + '[1,2]'.length)
    expect(result({ type: 'text', value: 'yes' })).toBe(TOKENS_PER_TOOL_PART + 'yes'.length)
    expect(result({ any: 1 })).toBe(TOKENS_PER_TOOL_PART + '{"any":1}'.length)
  })

  it('counts images and files by constants, whatever their size', () => {
    expect(count([{ type: 'image', image: 'A'.repeat(10_000) }])).toBe(TOKENS_PER_IMAGE)
    expect(count([{ type: 'file', data: 'A', mediaType: 'image/png' }])).toBe(TOKENS_PER_IMAGE)
    expect(count([{ type: 'file', data: 'A', mediaType: 'application/pdf' }])).toBe(TOKENS_PER_FILE)
  })

  it('takes what the codec refuses afterwards', () => {
    const input: Record<string, unknown> = { big: 1n, call: () => 1 }
    input['self'] = input
    expect(count([{ type: 'tool-call', toolCallId: 'c', toolName: 'find', input }])).toBeGreaterThan(0)
  })
})
