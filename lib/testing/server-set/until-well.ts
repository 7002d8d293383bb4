import { poll } from '../real-redis/poll.js'

/** Every server is asked several things each time. */
const INTERVAL_MS = 40

/**
 * Asks until there is no problem left.
 *
 * @throws Error with the problems, when the time is over
 */
export const untilWell = async (method: string, ask: () => Promise<string[]>, timeoutMs: number): Promise<void> => {
  let problems: string[] = []
  const well = await poll(
    async () => {
      problems = await ask().catch((error: Error) => [error.message])
      return problems.length === 0 ? true : undefined
    },
    timeoutMs,
    INTERVAL_MS,
  )
  if (well !== undefined) return
  const lines = problems.map((problem) => `  ${problem}`)
  throw new Error([`${method}(): not within ${timeoutMs} ms:`, ...lines].join('\n'))
}
