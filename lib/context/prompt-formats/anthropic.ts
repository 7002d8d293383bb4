import { toAiSdk } from './ai-sdk.js'
import type { ModelMessage } from './ai-sdk.interface.js'
import { assistantBlocks, textBlocks, toolResultBlock, userBlocks } from './anthropic-blocks.js'
import type {
  AnthropicAssistantBlock,
  AnthropicMessage,
  AnthropicPrompt,
  AnthropicUserBlock,
} from './anthropic.interface.js'
import { assistantRuns } from './assistant-runs.js'
import type { PromptSource } from './prompt-source.interface.js'

/** Stands in front of a window that begins with the assistant: the API wants a user there. */
const OPENING = '(The conversation shown here begins with the assistant.)'

type Turn =
  | { readonly role: 'user'; readonly content: AnthropicUserBlock[] }
  | { readonly role: 'assistant'; readonly content: AnthropicAssistantBlock[] }

const turnsOf = (message: ModelMessage): Turn[] => {
  switch (message.role) {
    case 'system':
      return []
    case 'tool':
      return [{ role: 'user', content: message.content.map((part) => toolResultBlock(part)) }]
    case 'user': {
      const { content } = message
      const blocks = typeof content === 'string' ? textBlocks(content) : content.flatMap((part) => userBlocks(part))
      return [{ role: 'user', content: blocks }]
    }
    default:
      return typeof message.content === 'string'
        ? [{ role: 'assistant', content: textBlocks(message.content) }]
        : assistantRuns(message.content).flatMap(({ parts, results }): Turn[] => [
            { role: 'assistant', content: parts.flatMap((part) => assistantBlocks(part)) },
            { role: 'user', content: results.map((result) => toolResultBlock(result)) },
          ])
  }
}

const merged = (turns: readonly Turn[]): Turn[] => {
  const result: Turn[] = []
  for (const turn of turns) {
    if (turn.content.length === 0) continue
    const last = result.at(-1)
    if (last?.role === 'user' && turn.role === 'user') last.content.push(...turn.content)
    else if (last?.role === 'assistant' && turn.role === 'assistant') last.content.push(...turn.content)
    else result.push(turn)
  }
  return result
}

const isThinking = (block: AnthropicAssistantBlock | undefined): boolean =>
  block?.type === 'thinking' || block?.type === 'redacted_thinking'

/** The API refuses an assistant message that ends with thinking: it was cut off before it said anything. */
const withoutLooseThinking = (turn: Turn): Turn => {
  if (turn.role === 'user') return turn
  const end = turn.content.findLastIndex((block) => !isThinking(block))
  return { role: 'assistant', content: turn.content.slice(0, end + 1) }
}

/** Results first, as the API wants them right after the calls. */
const withResultsFirst = (blocks: readonly AnthropicUserBlock[]): AnthropicUserBlock[] => [
  ...blocks.filter((block) => block.type === 'tool_result'),
  ...blocks.filter((block) => block.type !== 'tool_result'),
]

/** The API refuses a last message of the assistant that ends in white space. */
const trimmedEnd = (blocks: AnthropicAssistantBlock[]): AnthropicAssistantBlock[] => {
  const last = blocks.at(-1)
  return last?.type === 'text' ? [...blocks.slice(0, -1), { type: 'text', text: last.text.trimEnd() }] : blocks
}

/** A lone text is given as a string. */
const compact = <Block extends { readonly type: string }>(
  blocks: (Block | { type: 'text'; text: string })[],
): string | (Block | { type: 'text'; text: string })[] => {
  const [only] = blocks
  return blocks.length === 1 && only !== undefined && 'text' in only ? only.text : blocks
}

const messageOf = (turn: Turn, isLast: boolean): AnthropicMessage =>
  turn.role === 'user'
    ? { role: 'user', content: compact(withResultsFirst(turn.content)) }
    : { role: 'assistant', content: compact(isLast ? trimmedEnd(turn.content) : turn.content) }

const systemOf = (messages: readonly ModelMessage[]): string =>
  messages
    .flatMap((message) => (message.role === 'system' && message.content !== '' ? message.content : []))
    .join('\n\n')

/**
 * The prompt for the Messages API.
 *
 * - Summary, facts, state and all system messages of the window, in this order, are `system`: only some models take
 *   system messages between others.
 * - The results of tools are blocks of user messages, before what else these say; messages of one role in a row are
 *   merged, so that the roles alternate.
 * - The first message must be the user's: before an assistant that speaks first stands a short note in brackets.
 * - Reasoning is kept only with the signature (`providerOptions.anthropic.signature`) or the sealed data
 *   (`redactedData`) that the API wants back with it, and never as the end of a message.
 * - Texts without a visible character, and messages that have nothing else, are left out.
 * - Images are JPEG, PNG, GIF or WebP, documents PDF or text; other files are named by a short note.
 */
export const toAnthropic = (source: PromptSource): AnthropicPrompt => {
  const model = toAiSdk(source)
  const system = systemOf(model)
  // Merged again, because a message of thinking alone leaves two of the user side by side.
  const turns = merged(merged(model.flatMap((message) => turnsOf(message))).map((turn) => withoutLooseThinking(turn)))
  const messages = turns.map((turn, index) => messageOf(turn, index === turns.length - 1))
  if (messages[0]?.role === 'assistant') messages.unshift({ role: 'user', content: OPENING })
  return system === '' ? { messages } : { system, messages }
}
