import type { MessageInput, MessagePart } from '../model/message.interface.js'
import { jsonPart } from './json-parts.js'
import { toJsonText, type JsonTypes } from './prompt-formats/json-value.js'
import { toToolOutput, toolOutputText } from './prompt-formats/tool-output.js'
import type { TokenCounter } from '../model/token-counter.js'

/** What a message costs beside its content: its role and the marks around it. */
export const TOKENS_PER_MESSAGE = 4

/** What a tool call or its result costs beside name and content. */
export const TOKENS_PER_TOOL_PART = 8

/** An image of about a megapixel; providers count from some 100 to some 1,600, by its size. */
export const TOKENS_PER_IMAGE = 1000

/** About one page of a PDF with its picture: how many pages a file has is not known here. */
export const TOKENS_PER_FILE = 2000

const countPart = (part: MessagePart, counter: TokenCounter): number => {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return counter.count(part.text)
    case 'image':
      return TOKENS_PER_IMAGE
    case 'file':
      return part.mediaType.startsWith('image/') ? TOKENS_PER_IMAGE : TOKENS_PER_FILE
    case 'tool-call':
      return TOKENS_PER_TOOL_PART + counter.count(part.toolName) + counter.count(toJsonText(part.input))
    default:
      return TOKENS_PER_TOOL_PART + counter.count(toolOutputText(toToolOutput(part.output)))
  }
}

/**
 * The tokens of a message in a prompt: of its text, of tool calls and results as JSON text, a constant for each image and
 * file, and a small one for the message itself.
 */
export const countMessage = (
  counter: TokenCounter,
  { content }: Pick<MessageInput, 'content'>,
  types: JsonTypes,
): number => {
  if (typeof content === 'string') return TOKENS_PER_MESSAGE + counter.count(content)
  let tokens = TOKENS_PER_MESSAGE
  for (const part of content) tokens += countPart(jsonPart(part, types), counter)
  return tokens
}
