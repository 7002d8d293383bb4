import { deflateRawSync } from 'node:zlib'

/** How many bytes a text takes as a payload, and the index of the objects that a client has to merge. */
export interface StoredSize {
  readonly payload: (text: string) => number
  readonly index: 'x' | undefined
}

export const asText: StoredSize = { payload: (text) => Buffer.byteLength(text), index: undefined }

const IV_AND_TAG = 12 + 16

const compressed = (text: string, minBytes: number): number => {
  const bytes = Buffer.byteLength(text)
  return bytes < minBytes ? bytes : Math.min(bytes, `z${bytes}.`.length + deflateRawSync(text).length)
}

export const encrypted = (keyId: string, minBytes: number): StoredSize => ({
  payload: (text) => `e${keyId}.`.length + Math.ceil(((compressed(text, minBytes) + IV_AND_TAG) * 8) / 6),
  index: 'x',
})
