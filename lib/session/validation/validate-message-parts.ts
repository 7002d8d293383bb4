import { types } from 'node:util'
import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { valueKind } from '../../errors/value-kind.js'
import { unknownPartTypeProblem } from './validate-message-hints.js'
import { isObject, isPlainObject } from './validate-plain-object.js'

type UnknownPart = Readonly<Record<string, unknown>>

const pathOf = (index: number, part: number, key?: string): string =>
  key === undefined ? `messages[${index}].content[${part}]` : `messages[${index}].content[${part}].${key}`

const refuse = (path: string, value: unknown, allowed: string): never => {
  throw new MemoryInvalidError({ path, given: valueKind(value), allowed })
}

/** Fields that earlier versions of the AI SDK called otherwise. */
const formerName = (part: UnknownPart, key: string): string => {
  const former = key === 'input' ? 'args' : key === 'output' ? 'result' : key === 'mediaType' ? 'mimeType' : undefined
  return former !== undefined && part[former] !== undefined ? ` (here as ${former}: rename it)` : ''
}

const requireText = (value: unknown, index: number, part: number, key: string): void => {
  if (typeof value !== 'string') refuse(pathOf(index, part, key), value, 'a string')
}

const requireName = (owner: UnknownPart, index: number, part: number, key: string): void => {
  const value = owner[key]
  if (typeof value === 'string' && value !== '') return
  refuse(pathOf(index, part, key), value, `a string of at least 1 character${formerName(owner, key)}`)
}

const requireValue = (owner: UnknownPart, index: number, part: number, key: string, allowed: string): void => {
  if (owner[key] !== undefined) return
  refuse(pathOf(index, part, key), undefined, `${allowed}${formerName(owner, key)}`)
}

const allowText = (value: unknown, index: number, part: number, key: string): void => {
  if (value !== undefined) requireText(value, index, part, key)
}

const requireData = (value: unknown, index: number, part: number, key: string): void => {
  if (typeof value === 'string' && value !== '') return
  const isBinary = ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)
  const advice = isBinary
    ? '; binary data is not taken yet: give Buffer.from(bytes).toString(base64)'
    : value instanceof URL
      ? '; URL objects are not taken yet: give url.href'
      : ''
  refuse(pathOf(index, part, key), value, `a string: base64, a data URL or a URL${advice}`)
}

export const validateProviderOptions = (value: unknown, path: string): void => {
  const allowed = 'a plain object of plain objects, by the name of the provider'
  if (!isPlainObject(value)) return refuse(path, value, allowed)
  for (const provider in value) {
    const options = value[provider]
    if (options !== undefined && !isPlainObject(options)) refuse(path, value, allowed)
  }
}

const validatePart = (part: UnknownPart, index: number, at: number): void => {
  switch (part['type']) {
    case 'text':
    case 'reasoning':
      requireText(part['text'], index, at, 'text')
      break
    case 'image':
      requireData(part['image'], index, at, 'image')
      allowText(part['mediaType'], index, at, 'mediaType')
      break
    case 'file':
      requireData(part['data'], index, at, 'data')
      requireName(part, index, at, 'mediaType')
      allowText(part['filename'], index, at, 'filename')
      break
    case 'tool-call': {
      requireName(part, index, at, 'toolCallId')
      requireName(part, index, at, 'toolName')
      requireValue(part, index, at, 'input', 'the arguments of the call, {} when there are none')
      const executed = part['providerExecuted']
      if (executed !== undefined && typeof executed !== 'boolean') {
        refuse(pathOf(index, at, 'providerExecuted'), executed, 'a boolean')
      }
      break
    }
    case 'tool-result':
      requireName(part, index, at, 'toolCallId')
      requireName(part, index, at, 'toolName')
      requireValue(
        part,
        index,
        at,
        'output',
        "the result, as { type: 'text' | 'json' | …, value }; null when there is none",
      )
      break
    default:
      throw new MemoryInvalidError(unknownPartTypeProblem(part['type'], pathOf(index, at)))
  }
  const providerOptions = part['providerOptions']
  if (providerOptions !== undefined) validateProviderOptions(providerOptions, pathOf(index, at, 'providerOptions'))
}

/** Further keys of a part are kept as data: newer versions of the AI SDK may add some. */
export const validateParts = (parts: readonly unknown[], index: number): void => {
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at]
    if (isObject(part)) validatePart(part, index, at)
    else refuse(pathOf(index, at), part, 'a part: { type, … }')
  }
}
