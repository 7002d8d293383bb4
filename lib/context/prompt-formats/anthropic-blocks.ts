import type {
  AnthropicAssistantBlock,
  AnthropicDocumentBlock,
  AnthropicImageBlock,
  AnthropicImageMediaType,
  AnthropicTextBlock,
  AnthropicThinkingBlock,
  AnthropicToolResultBlock,
} from './anthropic.interface.js'
import type {
  ModelFilePart,
  ModelImagePart,
  ModelReasoningPart,
  ModelTextPart,
  ModelToolCallPart,
  ModelToolContentItem,
  ModelToolOutput,
  ModelToolResultPart,
} from './ai-sdk.interface.js'
import { decodedText, fileNote, isImageType, mediaOf, type Media } from './media.js'
import { isErrorOutput, toolItemText, toolOutputText } from './tool-output.js'

type DataBlock = AnthropicTextBlock | AnthropicImageBlock | AnthropicDocumentBlock

/** The API refuses texts without a visible character. */
export const textBlocks = (text: string): AnthropicTextBlock[] => (text.trim() === '' ? [] : [{ type: 'text', text }])

const isTakenImage = (mediaType: string): mediaType is AnthropicImageMediaType =>
  mediaType === 'image/jpeg' || mediaType === 'image/png' || mediaType === 'image/gif' || mediaType === 'image/webp'

const imageBlock = (media: Media, name = 'image'): DataBlock => {
  if (media.kind === 'url') return { type: 'image', source: { type: 'url', url: media.url } }
  const media_type = media.mediaType ?? 'image/png'
  return isTakenImage(media_type)
    ? { type: 'image', source: { type: 'base64', media_type, data: media.data } }
    : { type: 'text', text: fileNote(media, name) }
}

/** The API takes PDF, as data or by URL, and plain text; others are named by a note. */
const documentBlock = (media: Media, filename?: string): DataBlock[] => {
  const title = filename === undefined ? {} : { title: filename }
  const type = media.mediaType ?? ''
  if (media.kind === 'base64' && type === 'application/pdf') {
    return [{ type: 'document', source: { type: 'base64', media_type: type, data: media.data }, ...title }]
  }
  if (media.kind === 'url' && type === 'application/pdf') {
    return [{ type: 'document', source: { type: 'url', url: media.url }, ...title }]
  }
  if (media.kind === 'base64' && (type.startsWith('text/') || type === 'application/json')) {
    const data = decodedText(media.data)
    return data.trim() === ''
      ? textBlocks(fileNote(media, filename))
      : [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...title }]
  }
  return textBlocks(fileNote(media, filename))
}

const fileBlocks = (data: string, mediaType: string | undefined, filename?: string): DataBlock[] => {
  const media = mediaOf(data, mediaType)
  return isImageType(mediaType ?? media.mediaType ?? '')
    ? [imageBlock(media, filename)]
    : documentBlock(media, filename)
}

export const userBlocks = (part: ModelTextPart | ModelImagePart | ModelFilePart): DataBlock[] => {
  switch (part.type) {
    case 'text':
      return textBlocks(part.text)
    case 'image':
      return [imageBlock(mediaOf(part.image, part.mediaType))]
    default:
      return fileBlocks(part.data, part.mediaType, part.filename)
  }
}

const itemBlocks = (item: ModelToolContentItem): DataBlock[] => {
  switch (item.type) {
    case 'image-data':
    case 'media':
      return fileBlocks(item.data, item.mediaType)
    case 'image-url':
      return [imageBlock(mediaOf(item.url))]
    case 'file-data':
      return fileBlocks(item.data, item.mediaType, item.filename)
    case 'file-url':
      return fileBlocks(item.url, item.mediaType)
    default:
      return textBlocks(toolItemText(item))
  }
}

/** The API takes ids of letters, digits, `_` and `-` only; other providers give others. */
const toolUseId = (id: string): string =>
  id.replaceAll(/[^A-Za-z0-9_-]/g, (character) => `_${character.charCodeAt(0).toString(16)}`)

const toolUseInput = (input: unknown): Record<string, unknown> => {
  if (input === null || input === undefined) return {}
  return typeof input === 'object' && !Array.isArray(input) ? { ...input } : { input }
}

const resultContent = (output: ModelToolOutput): AnthropicToolResultBlock['content'] =>
  output.type === 'content' ? output.value.flatMap((item) => itemBlocks(item)) : toolOutputText(output)

export const toolResultBlock = ({ toolCallId, output }: ModelToolResultPart): AnthropicToolResultBlock => ({
  type: 'tool_result',
  tool_use_id: toolUseId(toolCallId),
  content: resultContent(output),
  ...(isErrorOutput(output) ? { is_error: true } : {}),
})

/** Thinking is taken back only with the signature, or the sealed data, that the API gave with it. */
const thinkingBlocks = ({ text, providerOptions }: ModelReasoningPart): AnthropicThinkingBlock[] => {
  const { signature, redactedData } = providerOptions?.['anthropic'] ?? {}
  if (typeof signature === 'string' && signature !== '') return [{ type: 'thinking', thinking: text, signature }]
  return typeof redactedData === 'string' ? [{ type: 'redacted_thinking', data: redactedData }] : []
}

export const assistantBlocks = (
  part: ModelTextPart | ModelFilePart | ModelReasoningPart | ModelToolCallPart,
): AnthropicAssistantBlock[] => {
  switch (part.type) {
    case 'text':
      return textBlocks(part.text)
    case 'reasoning':
      return thinkingBlocks(part)
    case 'file':
      return textBlocks(fileNote(mediaOf(part.data, part.mediaType), part.filename))
    default:
      return [
        { type: 'tool_use', id: toolUseId(part.toolCallId), name: part.toolName, input: toolUseInput(part.input) },
      ]
  }
}
