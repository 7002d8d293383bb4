import { StreamableFile } from '@nestjs/common'
import { MEMORY_MEDIA_TYPE } from '../exact/media-type.js'
import { bytesOf, isBytes } from '../../serialization/built-in.js'
import { isAnswered, varyByAccept, type HttpResponse } from './http-response.js'
import { isAsyncIterable, isStream } from '../kinds/streamed.js'

/** The two forms of a value. */
export interface HttpForms {
  readonly plain: (value: unknown) => unknown
  /** The text; `undefined` when the client does not ask for it, or must not get it. */
  readonly exact: (value: unknown) => string | undefined
}

/** What a handler's value becomes for an adapter of Nest, which knows strings, JSON values, files and streams. */
export function httpAnswer(value: unknown, response: HttpResponse, { plain, exact }: HttpForms): unknown {
  if (value === undefined || isAnswered(response)) return value
  if (typeof value === 'object' && value !== null) {
    if (isStream(value)) return value
    if (isAsyncIterable(value)) return mapEach(value, plain)
  }
  varyByAccept(response)
  const text = exact(value)
  if (text !== undefined) {
    response.header('Content-Type', MEMORY_MEDIA_TYPE)
    return text
  }
  // As Fastify does by itself; Express would write a JSON array of numbers.
  if (typeof value === 'object' && value !== null && isBytes(value)) return new StreamableFile(bytesOf(value))
  const json = asJsonText(value, plain(value))
  if (json !== value && typeof json === 'string') response.header('Content-Type', 'application/json; charset=utf-8')
  return json
}

/** A Date or a Decimal as a whole body is JSON, in quotes, as it would be without us; a string is sent as it is. */
export const asJsonText = (value: unknown, json: unknown): unknown =>
  typeof json === 'string' && typeof value !== 'string' ? JSON.stringify(json) : json

/** Nest sends text and bytes as they are, and all else as lines of JSON. */
async function* mapEach(values: AsyncIterable<unknown>, plain: (value: unknown) => unknown): AsyncGenerator {
  for await (const value of values) {
    const isRaw = typeof value === 'string' || (typeof value === 'object' && value !== null && isBytes(value))
    yield isRaw ? value : plain(value)
  }
}
