import { Observable } from 'rxjs'
import { MemoryConfigError } from '../../../errors/memory-config.error.js'
import { valueKind } from '../../../errors/value-kind.js'
import { isStream } from '../../kinds/streamed.js'
import { Answer, formOf } from './answer.js'
import type { Delivery } from './delivery.js'
import { deferred } from '../../../call/deferred.js'
import type { Hold } from '../../../call/hold.js'
import { tee } from './tee.js'

/** What becomes of an answer. */
export interface TurnEnds {
  /**
   * It is whole: the client gets its end when this has resolved.
   *
   * @returns what the client gets in its place, if it can still get something else
   */
  keep(answer: Answer): Promise<Observable<unknown> | undefined>
  /** The client was gone before. Never rejects. */
  interrupted(answer: Answer): Promise<void>
  /** The handler failed. Never rejects. */
  failed(answer: Answer): Promise<void>
}

const opaque = (value: unknown): MemoryConfigError =>
  new MemoryConfigError({
    path: '@RememberTurn',
    given: `an answer that cannot be looked into (${valueKind(value)})`,
    allowed:
      'a value, an Observable, an async iterable, a Readable of Node, or a StreamableFile; of a Response, its body',
  })

/**
 * Hands an answer on to the client as it comes, and has it kept at its end. A single value is held back until it is kept: who
 * got it may rely on it.
 */
export const watchAnswer = (
  source: Observable<unknown>,
  delivery: Delivery,
  hold: Hold,
  ends: TurnEnds,
  maxMessageBytes: number,
): Observable<unknown> =>
  new Observable((subscriber) => {
    const answer = new Answer(delivery, maxMessageBytes)
    let pending: { readonly value: unknown } | undefined
    let isOver = false
    let isStreaming = false
    const flush = (): void => {
      if (pending === undefined) return
      const { value } = pending
      pending = undefined
      subscriber.next(value)
    }
    const fail = async (error: unknown): Promise<void> => {
      isOver = true
      const told = ends.failed(answer)
      hold.until(told)
      await told
      subscriber.error(error)
    }
    const finish = async (): Promise<void> => {
      try {
        const kept = ends.keep(answer)
        // Not until the client has its end: whether that may come is said by what holds on.
        hold.until(kept)
        const standing = await kept
        if (standing !== undefined && answer.values.length === 1 && pending !== undefined) {
          standing.subscribe(subscriber)
          return
        }
        flush()
        subscriber.complete()
      } catch (error) {
        subscriber.error(error)
      }
    }
    const streamed = (value: unknown): unknown => {
      const over = deferred()
      const end = over.resolve
      const onlooker = {
        saw: (part: unknown) => answer.add(part),
        ended: async () => {
          await ends.keep(answer).finally(end)
        },
        left: () => ends.interrupted(answer).finally(end),
        failed: () => ends.failed(answer).finally(end),
      }
      const teed = tee(value, onlooker)
      if (teed === undefined) return undefined
      isStreaming = true
      answer.form = formOf(value)
      hold.until(over.promise)
      // Also of a stream that is never read, as there are adapters that do not know its kind.
      void delivery.over()?.then(teed.leave)
      return teed.stream
    }
    const subscription = source.subscribe({
      next: (value) => {
        if (isOver || isStreaming) return
        flush()
        const watched = delivery.streams ? streamed(value) : undefined
        if (watched === undefined) {
          if (delivery.streams && typeof value === 'object' && value !== null && isStream(value)) {
            void fail(opaque(value))
            return
          }
          answer.add(value)
        }
        pending = { value: watched ?? value }
        // The end of a single value comes in the same breath.
        queueMicrotask(() => {
          if (!isOver) flush()
        })
      },
      error: (error: unknown) => {
        if (isOver) return
        // A stream that is out ends by itself.
        if (isStreaming) {
          subscriber.error(error)
          return
        }
        flush()
        void fail(error)
      },
      complete: () => {
        if (isOver) return
        isOver = true
        if (isStreaming) {
          flush()
          subscriber.complete()
          return
        }
        void finish()
      },
    })
    return () => {
      subscription.unsubscribe()
      if (isOver || isStreaming) return
      isOver = true
      hold.until(ends.interrupted(answer))
    }
  })
