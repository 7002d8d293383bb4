import { Observable, type Subscription } from 'rxjs'
import { deferred } from '../../../call/deferred.js'
import type { OpenedSession } from '../../../call/memory-call.js'
import type { OneTurnOptions } from '../call-options.interface.js'
import { isStreamed } from '../../kinds/streamed.js'
import type { Hold } from '../../../call/hold.js'
import type { Turn } from './turn.interface.js'

/** @throws MemoryLockLostError when the call has lost its lock: another may have gone on since */
export const refuseLostLock = ({ locked }: Turn): void => locked?.lock?.signal.throwIfAborted()

/**
 * Runs what `work` makes while this call alone holds the lock of the session, until it has ended and nothing holds on to it.
 *
 * @param calls are told until when the lock is held
 */
export const underLock = (
  opened: OpenedSession,
  { ttl, wait }: OneTurnOptions,
  hold: Hold,
  work: () => Observable<unknown>,
  calls: Hold,
): Observable<unknown> =>
  new Observable((subscriber) => {
    let subscription: Subscription | undefined
    const left = deferred()
    const locked = opened.session.withLock(
      async (lock) => {
        if (subscriber.closed) return
        opened.lock = lock
        try {
          await new Promise<void>((resolve, reject) => {
            subscription = work().subscribe({
              next: (value) => subscriber.next(value),
              error: reject,
              complete: () => {
                // What streams now ends long after this.
                if (hold.isHeld) subscriber.complete()
                resolve()
              },
            })
            left.promise.then(resolve, reject)
          })
        } finally {
          await hold.released()
        }
      },
      { ttl, wait },
    )
    calls.until(locked)
    locked.then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    )
    return () => {
      subscription?.unsubscribe()
      left.resolve()
    }
  })

/** Keeps hold of a call while what it answers streams to its client. */
export const heldByStream =
  (hold: Hold, over: () => Promise<void> | undefined) =>
  (value: unknown): void => {
    if (!isStreamed(value)) return
    const end = over()
    if (end !== undefined) hold.until(end)
  }
