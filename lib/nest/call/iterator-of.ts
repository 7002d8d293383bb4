import type { ReadableStream } from 'node:stream/web'

const isWebStream = (source: AsyncIterable<unknown>): source is ReadableStream<unknown> => 'getReader' in source

/** An iterator that ends its source at once. That of a web stream would wait for the read that is under way. */
export const iteratorOf = (source: AsyncIterable<unknown>): AsyncIterator<unknown> => {
  if (!isWebStream(source)) return source[Symbol.asyncIterator]()
  const reader = source.getReader()
  return {
    next: async () => {
      const { done, value } = await reader.read()
      return done ? { done, value: undefined } : { done, value }
    },
    return: async () => {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}
