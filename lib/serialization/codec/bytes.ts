import { isDeepStrictEqual, types } from 'node:util'
import { DecodeError } from '../codec.errors.js'
import type { BuiltIn } from './built-in.interface.js'
import { BYTE_KINDS } from './byte-kinds.js'
import { refuse } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'

/** Another view on the same bytes. */
const again = (view: ArrayBufferView): object => {
  if (Buffer.isBuffer(view)) return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
  const { constructor } = Object.getPrototypeOf(view) as { constructor: new (...args: unknown[]) => object }
  const length = types.isTypedArray(view) ? view.length : view.byteLength
  return new constructor(view.buffer, view.byteOffset, length)
}

const isResizable = (buffer: ArrayBufferLike): boolean => (buffer as { resizable?: boolean }).resizable === true

/** Properties beside the bytes; the keys of a view hold all its indices, so that counting them would take long. */
const hasMore = (value: ArrayBufferView | ArrayBuffer): boolean =>
  types.isArrayBuffer(value) ? Reflect.ownKeys(value).length > 0 : !isDeepStrictEqual(value, again(value))

/** `["Float32Array","<base64>"]` */
export const writeBytes = (writer: RichWriter, value: object, { name }: BuiltIn): string => {
  const bytes = value as ArrayBufferView | ArrayBuffer
  const buffer = types.isArrayBuffer(bytes) ? bytes : bytes.buffer
  if (types.isSharedArrayBuffer(buffer)) refuse('bytes in a SharedArrayBuffer', 'bytes in an ArrayBuffer')
  if (isResizable(buffer)) refuse('bytes in an ArrayBuffer that can be resized', 'bytes in one that cannot')
  if (hasMore(bytes)) refuse(`an instance of ${name} with properties of its own`)
  const view = types.isArrayBuffer(bytes)
    ? Buffer.from(bytes)
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  writer.claimBytes(view.buffer, view.byteOffset, view.byteOffset + view.byteLength)
  return writer.tag('bytes', `["${name}","${view.toString('base64')}"]`)
}

const kinds = new Map(BYTE_KINDS.map((kind) => [kind.name, kind]))

export const reviveBytes = (content: unknown): object => {
  if (!Array.isArray(content) || content.length !== 2) throw new DecodeError('bytes that are none')
  const [name, text] = content as unknown[]
  const kind = typeof name === 'string' ? kinds.get(name) : undefined
  if (kind === undefined || typeof text !== 'string') throw new DecodeError('bytes of no known kind')
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new DecodeError('bytes that are not base64')
  if (bytes.length % kind.size !== 0) throw new DecodeError('bytes that end within an item')
  // A Buffer may lie in a buffer shared with others.
  const own = new Uint8Array(bytes.length)
  own.set(bytes)
  return kind.over(own.buffer)
}
