import { toAiSdk } from './ai-sdk.js'
import type {
  ModelFilePart,
  ModelImagePart,
  ModelMessage,
  ModelTextPart,
  ModelToolResultPart,
} from './ai-sdk.interface.js'
import { assistantRuns, type AssistantRun } from './assistant-runs.js'
import { decodedText, fileNote, isImageType, mediaOf } from './media.js'
import type { OpenAiContentPart, OpenAiMessage, OpenAiToolCall } from './openai.interface.js'
import type { PromptSource } from './prompt-source.interface.js'
import { toolOutputText } from './tool-output.js'

const AUDIO_FORMATS: ReadonlyMap<string, 'wav' | 'mp3'> = new Map([
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/wave', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['audio/mp3', 'mp3'],
])

const imagePart = (image: string, mediaType?: string): OpenAiContentPart => {
  const media = mediaOf(image, mediaType)
  const url = media.kind === 'url' ? media.url : `data:${media.mediaType ?? 'image/png'};base64,${media.data}`
  return { type: 'image_url', image_url: { url } }
}

/** The API takes PDF and audio as data, and no file by URL; texts are told as text, others by a note. */
const filePart = ({ data, mediaType, filename }: ModelFilePart): OpenAiContentPart => {
  if (isImageType(mediaType)) return imagePart(data, mediaType)
  const media = mediaOf(data, mediaType)
  if (media.kind === 'base64') {
    const type = media.mediaType ?? mediaType
    const format = AUDIO_FORMATS.get(type)
    if (format !== undefined) return { type: 'input_audio', input_audio: { data: media.data, format } }
    if (type === 'application/pdf') {
      const file_data = `data:application/pdf;base64,${media.data}`
      return { type: 'file', file: { filename: filename ?? 'document.pdf', file_data } }
    }
    if (type.startsWith('text/') || type === 'application/json') {
      return { type: 'text', text: decodedText(media.data) }
    }
  }
  return { type: 'text', text: fileNote(media, filename) }
}

const userPart = (part: ModelTextPart | ModelImagePart | ModelFilePart): OpenAiContentPart => {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image':
      return imagePart(part.image, part.mediaType)
    default:
      return filePart(part)
  }
}

const toolMessages = (results: readonly ModelToolResultPart[]): OpenAiMessage[] =>
  results.map((result) => ({
    role: 'tool',
    tool_call_id: result.toolCallId,
    content: toolOutputText(result.output),
  }))

const assistantMessages = ({ parts, results }: AssistantRun): OpenAiMessage[] => {
  const texts: string[] = []
  const tool_calls: OpenAiToolCall[] = []
  for (const part of parts) {
    if (part.type === 'text') texts.push(part.text)
    else if (part.type === 'file') texts.push(fileNote(mediaOf(part.data, part.mediaType), part.filename))
    else if (part.type === 'tool-call') {
      const call = { name: part.toolName, arguments: JSON.stringify(part.input) }
      tool_calls.push({ id: part.toolCallId, type: 'function', function: call })
    }
  }
  const answers = toolMessages(results)
  if (texts.length === 0 && tool_calls.length === 0) return answers
  const content = texts.length === 0 ? null : texts.join('\n')
  return [{ role: 'assistant', content, ...(tool_calls.length === 0 ? {} : { tool_calls }) }, ...answers]
}

const openAiMessages = (message: ModelMessage): OpenAiMessage[] => {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }]
    case 'tool':
      return toolMessages(message.content)
    case 'user': {
      const { content } = message
      return [{ role: 'user', content: typeof content === 'string' ? content : content.map((part) => userPart(part)) }]
    }
    default:
      return typeof message.content === 'string'
        ? [{ role: 'assistant', content: message.content }]
        : assistantRuns(message.content).flatMap((run) => assistantMessages(run))
  }
}

/**
 * The prompt as messages of the Chat Completions API. Summary, facts and state are a system message in front.
 *
 * Every tool result is a message of its own. Reasoning is left out: the API has no place for it. Of files it takes PDF,
 * WAV and MP3; text files become text, and others are named by a short note.
 */
export const toOpenAi = (source: PromptSource): OpenAiMessage[] =>
  toAiSdk(source).flatMap((message) => openAiMessages(message))
