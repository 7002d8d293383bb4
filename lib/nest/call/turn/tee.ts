import { finished, Readable, Transform, type TransformCallback } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { StreamableFile } from '@nestjs/common'
import { isAsyncIterable } from '../../kinds/streamed.js'
import { iteratorOf } from '../iterator-of.js'
import { failFile } from './fail-file.js'

/** Who looks on while an answer streams to the client. What comes after its end is not told. */
export interface Onlooker {
  saw(value: unknown): void
  /** All of it was seen; the client sees the end when this has resolved. */
  ended(): Promise<void>
  /** The client was gone before the end. Never rejects. */
  left(): Promise<void>
  /** Never rejects. */
  failed(): Promise<void>
}

/** A stream that the client reads in the place of another, and no faster than it. */
export interface Teed {
  readonly stream: unknown
  /** The client is gone, however the stream came to know. */
  readonly leave: () => void
}

/** The same stream, with an onlooker; `undefined` for what is none, or of a kind that cannot be looked into. */
export const tee = (value: unknown, onlooker: Onlooker): Teed | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof StreamableFile) return teeFile(value, onlooker)
  if (value instanceof Readable) return teeReadable(value, onlooker)
  return isAsyncIterable(value) ? teeIterable(value, onlooker) : undefined
}

const teeFile = (file: StreamableFile, onlooker: Onlooker): Teed => {
  const { options } = file
  // A client that knows the length takes the last byte for the end.
  const { stream, leave } = teeReadable(file.getStream(), onlooker, options?.length !== undefined)
  const teed = new StreamableFile(stream, options)
  // Through the file, whose handlers may be methods of its own.
  teed.setErrorHandler((error, response) => failFile(file, error, response))
  teed.setErrorLogger((error) => file.errorLogger(error))
  return { stream: teed, leave }
}

const NOTHING = Symbol('nothing')

const settle = async (work: Promise<void>, done: (error?: Error) => void): Promise<void> => {
  let failed: Error | undefined
  try {
    await work
  } catch (error) {
    failed = error as Error
  }
  done(failed)
}

const teeReadable = (source: Readable, onlooker: Onlooker, holdsBack = false): Teed & { readonly stream: Readable } => {
  let isOver = false
  let last: unknown = NOTHING
  const over = (how: 'left' | 'failed'): void => {
    if (isOver) return
    isOver = true
    void onlooker[how]()
  }
  const through = new Transform({
    // What an encoding has made a text of stays one.
    objectMode: source.readableObjectMode || source.readableEncoding !== null,
    transform(chunk: unknown, _encoding: BufferEncoding, done: TransformCallback) {
      onlooker.saw(chunk)
      const next = holdsBack ? last : chunk
      last = chunk
      if (next !== NOTHING) this.push(next)
      done()
    },
    flush(done: TransformCallback) {
      isOver = true
      void settle(onlooker.ended(), (error) => {
        if (error === undefined && holdsBack && last !== NOTHING) this.push(last)
        done(error)
      })
    },
    destroy(error: Error | null, done: (error?: Error | null) => void) {
      over('left')
      source.destroy()
      done(error)
    },
  })
  // Who reads it may listen later than it fails.
  through.on('error', () => undefined)
  // Also of a source that was destroyed and says no more.
  finished(source, { writable: false }, (error) => {
    if (error === undefined || error === null) return
    over('failed')
    through.destroy(error)
  })
  return { stream: source.pipe(through), leave: () => void through.destroy() }
}

/**
 * No generator: one that waits for its source would come to know that the client is gone only when that goes on. Who does not
 * know iterables, as Nest 11, makes JSON of it: an empty object, as of others.
 */
class TeedIterator implements AsyncIterableIterator<unknown> {
  readonly #source: AsyncIterator<unknown>
  readonly #onlooker: Onlooker
  #isOver = false

  constructor(source: AsyncIterable<unknown>, onlooker: Onlooker) {
    this.#source = iteratorOf(source)
    this.#onlooker = onlooker
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<unknown>> {
    const step = await this.#step()
    if (this.#isOver) return { done: true, value: undefined }
    if (step.done !== true) {
      this.#onlooker.saw(step.value)
      return step
    }
    this.#isOver = true
    await this.#onlooker.ended()
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.#leave()
    await this.#source.return?.()
    return { done: true, value: undefined }
  }

  /** Ends the source as well: nobody else may do so. */
  abandon(): void {
    if (!this.#isOver) this.return().catch(() => undefined)
  }

  #leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    void this.#onlooker.left()
  }

  async #step(): Promise<IteratorResult<unknown>> {
    try {
      return await this.#source.next()
    } catch (error) {
      if (!this.#isOver) {
        this.#isOver = true
        await this.#onlooker.failed()
      }
      throw error
    }
  }
}

const teeIterable = (source: AsyncIterable<unknown>, onlooker: Onlooker): Teed => {
  const teed = new TeedIterator(source, onlooker)
  return {
    // What reads the one kind does not read the other.
    stream: 'getReader' in source ? ReadableStream.from(teed) : teed,
    leave: () => teed.abandon(),
  }
}
