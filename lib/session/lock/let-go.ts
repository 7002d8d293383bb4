import { setTimeout as sleep } from 'node:timers/promises'
import { MemoryError } from '../../errors/memory.error.js'

/** For how long whoever is done waits for a release, in ms: what takes longer goes on without him. */
const PATIENCE = 500
const AGAIN_AFTER = 1_000

/**
 * Releases what is held: once while the caller waits, and behind his back as often as it takes until it ends by itself. An
 * outage in the middle of the work must not keep others out for longer than it lasts.
 *
 * @param release within so many ms
 * @param ttl after which it is over, in ms
 * @returns what the first attempt answered; `undefined` when it failed. Never rejects
 */
export const letGo = async <T>(release: (ms: number) => Promise<T>, ttl: number): Promise<T | undefined> => {
  const end = performance.now() + ttl
  try {
    return await release(PATIENCE)
  } catch (error) {
    if (isPassing(error)) void letGoLater(release, end)
    return undefined
  }
}

const letGoLater = async (release: (ms: number) => Promise<unknown>, end: number): Promise<void> => {
  while (performance.now() < end) {
    await sleep(AGAIN_AFTER, undefined, { ref: false })
    try {
      await release(PATIENCE)
      return
    } catch (error) {
      if (!isPassing(error)) return
    }
  }
}

/** Not so when the application closes. */
const isPassing = (error: unknown): boolean => error instanceof MemoryError && error.retryable
