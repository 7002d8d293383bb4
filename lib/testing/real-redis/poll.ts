import { setInterval as ticks } from 'node:timers/promises'

const INTERVAL_MS = 10

/** Asks again until there is an answer; `undefined` when there was none in time. */
export const poll = async <T>(
  ask: () => Promise<T | undefined>,
  timeoutMs: number,
  intervalMs = INTERVAL_MS,
): Promise<T | undefined> => {
  const deadline = performance.now() + timeoutMs
  for await (const _ of ticks(intervalMs)) {
    const answer = await ask()
    if (answer !== undefined || performance.now() > deadline) return answer
  }
  return undefined
}
