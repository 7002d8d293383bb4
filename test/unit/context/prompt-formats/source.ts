import type { PromptSource } from '../../../../lib/context/prompt-formats/prompt-source.interface.js'
import type { Message, MessageContent, MessageRole } from '../../../../lib/model/message.interface.js'

/** Messages as they come out of a session. */
export const stored = (
  ...messages: readonly (readonly [MessageRole, MessageContent, Partial<Message>?])[]
): Message[] =>
  messages.map(([role, content, more], index) => ({
    id: `m${index}`,
    seq: index + 1,
    role,
    content,
    createdAt: new Date('2024-03-10T12:00:00Z'),
    metadata: { channel: 'web' },
    ...more,
  }))

export const sourceOf = (messages: readonly Message[], more: Partial<PromptSource> = {}): PromptSource => ({
  messages,
  state: {},
  facts: [],
  ...more,
})

export const PNG = 'iVBORw0KGgoAAAANSUhEUg=='
export const PDF = 'JVBERi0xLjQK'

/** A dialogue with two parallel calls, their results in two messages, and an answer. */
export const toolDialogue = (): Message[] =>
  stored(
    ['user', 'Weather in Oslo and Rome?'],
    [
      'assistant',
      [
        { type: 'reasoning', text: 'Two calls.' },
        { type: 'text', text: 'One moment.' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Oslo', on: new Date(0) } },
        { type: 'tool-call', toolCallId: 'c2', toolName: 'weather', input: { city: 'Rome' } },
      ],
    ],
    [
      'tool',
      [{ type: 'tool-result', toolCallId: 'c1', toolName: 'weather', output: { type: 'json', value: { degrees: 3 } } }],
    ],
    [
      'tool',
      [
        {
          type: 'tool-result',
          toolCallId: 'c2',
          toolName: 'weather',
          output: { type: 'error-text', value: 'no data' },
        },
      ],
    ],
    ['assistant', '3 degrees in Oslo.'],
  )
