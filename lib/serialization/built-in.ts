import { types } from 'node:util'

const isUrl = (value: object): value is URL => value instanceof URL

/** Kinds of objects that are made by the language or by Node, an Error not among them. */
export const isBuiltIn = (value: object): boolean =>
  Array.isArray(value) ||
  types.isDate(value) ||
  types.isMap(value) ||
  types.isSet(value) ||
  types.isRegExp(value) ||
  isBytes(value) ||
  isUrl(value)

export const isBytes = (value: object): value is ArrayBufferLike | ArrayBufferView =>
  ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)

/** The same bytes, not a copy of them. */
export const bytesOf = (value: ArrayBufferLike | ArrayBufferView): Buffer =>
  ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(value, 0, value.byteLength)

/** The text or `null` that stands for a built-in object in JSON; `undefined` for other objects. */
export const builtInText = (value: object): string | null | undefined => {
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (isBytes(value)) return bytesOf(value).toString('base64')
  if (types.isRegExp(value)) return String(value)
  return isUrl(value) ? value.href : undefined
}
