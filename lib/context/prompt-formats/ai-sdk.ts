import type { Message, MessagePart, ProviderOptions, ToolCallPart } from '../../model/message.interface.js'
import { systemText } from '../system-text.js'
import type {
  AssistantModelPart,
  ModelFilePart,
  ModelImagePart,
  ModelMessage,
  ModelProviderOptions,
  ModelTextPart,
  ModelToolCallPart,
  ModelToolResultPart,
} from './ai-sdk.interface.js'
import { toJsonValue } from './json-value.js'
import { mediaOf } from './media.js'
import type { PromptSource } from './prompt-source.interface.js'
import { toToolOutput } from './tool-output.js'

type ModelOptions = { providerOptions?: ModelProviderOptions }

const isJsonRecord = (value: unknown): value is ModelProviderOptions => typeof value === 'object' && value !== null

const optionsOf = ({ providerOptions }: { readonly providerOptions?: ProviderOptions }): ModelOptions => {
  if (providerOptions === undefined) return {}
  const value = toJsonValue(providerOptions)
  return isJsonRecord(value) ? { providerOptions: value } : {}
}

const toolCall = (part: ToolCallPart): ModelToolCallPart => ({
  type: 'tool-call',
  toolCallId: part.toolCallId,
  toolName: part.toolName,
  input: toJsonValue(part.input),
  ...(part.providerExecuted === undefined ? {} : { providerExecuted: part.providerExecuted }),
  ...optionsOf(part),
})

const toolResults = (parts: readonly MessagePart[]): ModelToolResultPart[] =>
  parts.flatMap((part) =>
    part.type === 'tool-result'
      ? {
          type: 'tool-result',
          toolCallId: part.toolCallId,
          toolName: part.toolName,
          output: toToolOutput(part.output),
          ...optionsOf(part),
        }
      : [],
  )

const userParts = (parts: readonly MessagePart[]): (ModelTextPart | ModelImagePart | ModelFilePart)[] =>
  parts.flatMap((part) => {
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text, ...optionsOf(part) }
      case 'image':
        return {
          type: 'image',
          image: part.image,
          ...(part.mediaType === undefined ? {} : { mediaType: part.mediaType }),
          ...optionsOf(part),
        }
      case 'file':
        return filePart(part.data, part.mediaType, part)
      default:
        return []
    }
  })

const filePart = (
  data: string,
  mediaType: string,
  { filename, ...rest }: { readonly filename?: string; readonly providerOptions?: ProviderOptions },
): ModelFilePart => ({
  type: 'file',
  data,
  mediaType,
  ...(filename === undefined ? {} : { filename }),
  ...optionsOf(rest),
})

const assistantParts = (parts: readonly MessagePart[]): AssistantModelPart[] =>
  parts.flatMap((part): AssistantModelPart | AssistantModelPart[] => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return { type: part.type, text: part.text, ...optionsOf(part) }
      case 'image':
        return filePart(part.image, mediaOf(part.image, part.mediaType).mediaType ?? 'image/*', part)
      case 'file':
        return filePart(part.data, part.mediaType, part)
      case 'tool-call':
        return toolCall(part)
      default:
        return toolResults([part])
    }
  })

const textOf = (parts: readonly MessagePart[]): string =>
  parts.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n')

/** Results of tools stand before what else a user or tool message says: models want them right after the call. */
const userMessages = (message: Message, parts: readonly MessagePart[]): ModelMessage[] => {
  const results = toolResults(parts)
  const others = userParts(parts)
  const messages: ModelMessage[] = []
  if (results.length > 0) messages.push({ role: 'tool', content: results, ...optionsOf(message) })
  if (others.length > 0) messages.push({ role: 'user', content: others, ...optionsOf(message) })
  return messages
}

const modelMessages = (message: Message): ModelMessage[] => {
  const { role, content } = message
  if (typeof content === 'string') {
    return [{ role: role === 'tool' ? 'user' : role, content, ...optionsOf(message) }]
  }
  switch (role) {
    case 'system':
      return [{ role, content: textOf(content), ...optionsOf(message) }]
    case 'assistant':
      return [{ role, content: assistantParts(content), ...optionsOf(message) }]
    default:
      return userMessages(message, content)
  }
}

/**
 * The prompt as messages of AI SDK 6. Summary, facts and state are a system message in front.
 *
 * What is stored in a role that the SDK does not take it in finds another place: results in a user message become a tool
 * message before it, text in a tool message a user message after it, images of the assistant files. Parts that no role
 * can say (an assistant's call in a user message; images in a system message) are left out.
 */
export const toAiSdk = (source: PromptSource): ModelMessage[] => {
  const system = systemText(source)
  const messages = source.messages.flatMap((message) => modelMessages(message))
  return system === undefined ? messages : [{ role: 'system', content: system }, ...messages]
}
