import { setTimeout as sleep } from 'node:timers/promises'

const WITHIN_MS = 6_000

/** Asks until the answer is not false. @throws Error with what is wrong, when that takes too long */
export const until = async (ask: () => Promise<unknown>, otherwise: string): Promise<void> => {
  const end = performance.now() + WITHIN_MS
  let cause: unknown
  do {
    try {
      if ((await ask()) !== false) return
    } catch (error) {
      cause = error
    }
    await sleep(10)
  } while (performance.now() < end)
  throw new Error(`${otherwise}, for ${WITHIN_MS} ms`, { cause })
}
