import { StreamableFile } from '@nestjs/common'

const has = (value: object, name: string | symbol): boolean =>
  typeof (value as Record<string | symbol, unknown>)[name] === 'function'

/** A generator or its like: values that come one after another, and are no text or bytes of a stream. */
export const isAsyncIterable = (value: object): value is AsyncIterable<unknown> => has(value, Symbol.asyncIterator)

/** What sends itself: files, streams of Node and of the web, web responses. A response object of Express is one too. */
export const isStream = (value: object): boolean =>
  value instanceof StreamableFile ||
  has(value, 'pipe') ||
  has(value, 'getReader') ||
  Object.prototype.toString.call(value) === '[object Response]'

export const isStreamed = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (isStream(value) || isAsyncIterable(value))
