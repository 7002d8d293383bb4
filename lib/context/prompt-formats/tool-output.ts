import type { ModelToolContentItem, ModelToolOutput } from './ai-sdk.interface.js'
import { toJsonText, toJsonValue } from './json-value.js'
import { fileNote, mediaOf } from './media.js'

const DENIED = 'The execution of this tool was denied.'

/** The fields that an item of a `content` output must have as texts. */
const ITEM_FIELDS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['text', ['text']],
  ['media', ['data', 'mediaType']],
  ['file-data', ['data', 'mediaType']],
  ['file-url', ['url']],
  ['image-data', ['data', 'mediaType']],
  ['image-url', ['url']],
  ['custom', []],
])

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isFileId = (value: unknown): boolean =>
  typeof value === 'string' || (isRecord(value) && Object.values(value).every((id) => typeof id === 'string'))

const isContentItem = (item: unknown): item is ModelToolContentItem => {
  if (!isRecord(item)) return false
  if (item['type'] === 'file-id' || item['type'] === 'image-file-id') return isFileId(item['fileId'])
  return ITEM_FIELDS.get(item['type'])?.every((field) => typeof item[field] === 'string') ?? false
}

const isToolOutput = (output: unknown): output is ModelToolOutput => {
  if (!isRecord(output)) return false
  const { type, value, reason } = output
  switch (type) {
    case 'text':
    case 'error-text':
      return typeof value === 'string'
    case 'json':
    case 'error-json':
      return value !== undefined
    case 'execution-denied':
      return reason === undefined || typeof reason === 'string'
    case 'content':
      return Array.isArray(value) && value.every((item) => isContentItem(item))
    default:
      return false
  }
}

/** A stored output as the AI SDK takes it: what has not its shape is told as text or JSON. */
export const toToolOutput = (output: unknown): ModelToolOutput => {
  const value = toJsonValue(output)
  if (isToolOutput(value)) return value
  return typeof value === 'string' ? { type: 'text', value } : { type: 'json', value }
}

export const toolItemText = (item: ModelToolContentItem): string => {
  switch (item.type) {
    case 'text':
      return item.text
    case 'media':
    case 'image-data':
      return fileNote(mediaOf(item.data, item.mediaType))
    case 'file-data':
      return fileNote(mediaOf(item.data, item.mediaType), item.filename)
    case 'file-url':
      return fileNote(mediaOf(item.url, item.mediaType))
    case 'image-url':
      return fileNote(mediaOf(item.url), 'image')
    default:
      return toJsonText(item)
  }
}

/** An output as the text that formats without structured results take. */
export const toolOutputText = (output: ModelToolOutput): string => {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value
    case 'json':
    case 'error-json':
      return JSON.stringify(output.value)
    case 'execution-denied':
      return output.reason ?? DENIED
    default:
      return output.value.map((item) => toolItemText(item)).join('\n')
  }
}

export const isErrorOutput = (output: ModelToolOutput): boolean =>
  output.type === 'error-text' || output.type === 'error-json' || output.type === 'execution-denied'
