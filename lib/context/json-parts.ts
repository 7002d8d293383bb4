import type { MessageContent, MessagePart } from '../model/message.interface.js'
import { toJsonValue, type JsonTypes } from './prompt-formats/json-value.js'

/** The same part, with what a tool took or gave as JSON: so models read it. */
export const jsonPart = (part: MessagePart, types: JsonTypes): MessagePart => {
  if (part.type === 'tool-call') return { ...part, input: toJsonValue(part.input, types) }
  return part.type === 'tool-result' ? { ...part, output: toJsonValue(part.output, types) } : part
}

/** The same content, of such parts. */
export const withJsonParts = (content: MessageContent, types: JsonTypes): MessageContent =>
  typeof content === 'string' ? content : content.map((part) => jsonPart(part, types))
