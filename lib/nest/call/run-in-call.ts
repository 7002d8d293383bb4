import { Readable } from 'node:stream'
import { StreamableFile } from '@nestjs/common'
import { Observable } from 'rxjs'
import { runInCall, type MemoryCall } from '../../call/memory-call.js'
import { isAsyncIterable } from '../kinds/streamed.js'

/** What makes the values of a stream runs where they are asked for, which is in no call: it is brought back into this one. */
const bindStream = (call: MemoryCall, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof StreamableFile) bindReadable(call, value.getStream())
  else if (value instanceof Readable) bindReadable(call, value)
  else if (isAsyncIterable(value) && !('getReader' in value)) return bindIterable(call, value)
  return value
}

/** What a Readable is implemented by. */
const READ = '_read'

const bindReadable = (call: MemoryCall, stream: Readable): void => {
  const read = stream[READ].bind(stream)
  stream[READ] = (size) => runInCall(call, () => read(size))
}

const bindIterable = (call: MemoryCall, source: AsyncIterable<unknown>): AsyncIterable<unknown> => ({
  [Symbol.asyncIterator]: () => {
    const iterator = runInCall(call, () => source[Symbol.asyncIterator]())
    return {
      next: () => runInCall(call, () => iterator.next()),
      return: async () => {
        await runInCall(call, () => iterator.return?.())
        return { done: true, value: undefined }
      },
    }
  },
})

/** Runs the handler, and all that its answer does until it has ended, as part of the call. */
export const handleInCall = (call: MemoryCall, handle: () => Observable<unknown>): Observable<unknown> =>
  new Observable((subscriber) => {
    const subscription = runInCall(call, () =>
      handle().subscribe({
        next: (value) => subscriber.next(bindStream(call, value)),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    )
    return () => runInCall(call, () => subscription.unsubscribe())
  })
