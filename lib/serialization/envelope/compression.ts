import { constants } from 'node:buffer'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { DecodeError } from '../codec.errors.js'
import { bytesOf, textOf } from './bytes.js'
import { COMPRESSED, isCompressed } from './payload-form.js'

/** From which size on a text is compressed, in bytes of UTF-8; `undefined` for never. */
export type Compression = { readonly minBytes: number } | undefined

/** `z<bytes of the text>.`, and then the raw deflate data: in base64 where it is text, else as it is. */
const HEAD = /^z([1-9]\d{0,8})\./
const LONGEST_HEAD = 11
/** What fits into a string, which is what Redis takes as a value: 512 MiB. */
const MAX_BYTES = constants.MAX_STRING_LENGTH
/** Deflate spends at least two bits on 258 bytes. */
const MAX_RATIO = 1032

const headOf = (bytes: number): string => `${COMPRESSED}${bytes}.`

const deflate = (text: string, compression: Compression): { bytes: number; data: Buffer } | undefined => {
  if (compression === undefined) return undefined
  const bytes = Buffer.byteLength(text)
  return bytes < compression.minBytes ? undefined : { bytes, data: deflateRawSync(text) }
}

const inflated = (data: Buffer, bytes: number): Buffer => {
  try {
    return inflateRawSync(data, { maxOutputLength: bytes })
  } catch {
    throw new DecodeError('compressed data that does not open')
  }
}

/** The size is checked before anything of it is allocated, and is the most that is. */
const inflate = (data: Buffer, bytes: number): string => {
  if (bytes > MAX_BYTES || bytes > data.length * MAX_RATIO) {
    throw new DecodeError(`a compressed size of ${bytes} bytes, which ${data.length} bytes cannot have`)
  }
  const opened = inflated(data, bytes)
  if (opened.length !== bytes) throw new DecodeError('compressed data of another size than it says')
  return textOf(opened)
}

const parseHead = (start: string): { length: number; bytes: number } => {
  const head = HEAD.exec(start)
  if (head === null) throw new DecodeError('compressed data without its size')
  return { length: head[0].length, bytes: Number(head[1]) }
}

/** The text, or its compressed form if that is smaller. */
export const packText = (text: string, compression: Compression): string => {
  const deflated = deflate(text, compression)
  if (deflated === undefined) return text
  const packed = headOf(deflated.bytes) + deflated.data.toString('base64')
  return packed.length < deflated.bytes ? packed : text
}

/** @throws DecodeError */
export const unpackText = (packed: string): string => {
  if (!isCompressed(packed)) return packed
  const { length, bytes } = parseHead(packed.slice(0, LONGEST_HEAD))
  return inflate(bytesOf(packed.slice(length), 'base64'), bytes)
}

/** As `packText`, for what is encrypted afterwards: base64 inside base64 would cost a third more. */
export const packBytes = (text: string, compression: Compression): Buffer => {
  const deflated = deflate(text, compression)
  if (deflated === undefined) return Buffer.from(text)
  const packed = Buffer.concat([Buffer.from(headOf(deflated.bytes)), deflated.data])
  return packed.length < deflated.bytes ? packed : Buffer.from(text)
}

/** @throws DecodeError */
export const unpackBytes = (packed: Buffer): string => {
  if (packed[0] !== COMPRESSED.charCodeAt(0)) return textOf(packed)
  const { length, bytes } = parseHead(packed.toString('latin1', 0, LONGEST_HEAD))
  return inflate(packed.subarray(length), bytes)
}
