import { describe, expect, it } from '@jest/globals'
import { MemoryFullError } from '../../../lib/errors/memory-full.error.js'
import { MemoryTimeoutError } from '../../../lib/errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../../../lib/errors/memory-unavailable.error.js'
import type { MemoryError } from '../../../lib/errors/memory.error.js'
import { Deadline } from '../../../lib/redis/deadline.js'
import { NotAgain } from '../../../lib/resilience/not-again.js'
import { Retries, type RetryOptions } from '../../../lib/resilience/retries.js'

const OPTIONS: RetryOptions = { attempts: 4, minDelay: 1, maxDelay: 2, budget: 0.2 }

/** How many attempts a call takes whose attempts all fail so. */
const attemptsOf = async (retries: Retries, error: MemoryError, deadline = new Deadline(5_000)): Promise<number> => {
  let attempts = 0
  const call = retries.run(deadline, () => {
    attempts++
    return Promise.reject(error)
  })
  await expect(call).rejects.toBe(error)
  return attempts
}

describe('retries', () => {
  it('are as many as the options say, for what passes', async () => {
    expect(await attemptsOf(new Retries(OPTIONS), new MemoryUnavailableError('away', 'no'))).toBe(5)
    expect(await attemptsOf(new Retries({ ...OPTIONS, attempts: 0 }), new MemoryUnavailableError('away', 'no'))).toBe(1)
  })

  it.each<[string, MemoryError]>([
    ['the time is over', new MemoryTimeoutError('late', 'unknown')],
    ['the server is out of memory', new MemoryFullError('SERVER_FULL', 'full')],
    ['it is no use', new MemoryUnavailableError('overtaken', 'no', { cause: new NotAgain() })],
    ['it is a fault of the configuration', new MemoryUnavailableError('wrong', 'no', {}, false)],
  ])('are none where %s', async (_, error) => {
    expect(await attemptsOf(new Retries(OPTIONS), error)).toBe(1)
  })

  it('end with the deadline', async () => {
    const slow = new Retries({ ...OPTIONS, minDelay: 50, maxDelay: 50, attempts: 20 })
    const start = performance.now()
    expect(await attemptsOf(slow, new MemoryUnavailableError('away', 'no'), new Deadline(100))).toBeLessThan(8)
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  it('stop once one succeeds', async () => {
    let attempts = 0
    const result = await new Retries(OPTIONS).run(new Deadline(5_000), () =>
      ++attempts < 3 ? Promise.reject(new MemoryUnavailableError('away', 'no')) : Promise.resolve('done'),
    )
    expect([result, attempts]).toEqual(['done', 3])
  })

  it('add no more to the load than the budget, however long an outage takes', async () => {
    const retries = new Retries({ ...OPTIONS, minDelay: 0.001, maxDelay: 0.001 })
    const error = new MemoryUnavailableError('away', 'no')
    const total = async (calls: number): Promise<number> => {
      let attempts = 0
      for (let call = 0; call < calls; call++) attempts += await attemptsOf(retries, error)
      return attempts
    }
    // What was saved up is spent first.
    await total(400)
    const attempts = await total(500)
    expect(attempts).toBeGreaterThan(500)
    expect(attempts).toBeLessThanOrEqual(500 * 1.2 + 1)
  })
})
