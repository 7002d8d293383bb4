import { expect, it } from '@jest/globals'
import { MemoryError } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { reachesAll } from '../../support/reaches-all.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const

const ROUNDS = 12
/** Of a cluster of three masters, each has at least one of so many sessions as good as always. */
const SESSIONS = 12
/** At the same time, to each session. */
const WRITES = 3

describeWithRedis('a write of which it is said that it was not executed', (redis) => {
  // What the first attempt came to is what is said.
  const tested = useFaultyMemory(redis, {
    resilience: { deadline: '500ms', retry: { attempts: 0 }, breaker: { failures: 100_000 } },
  })

  it('was not, however its connection ended, and one that was acknowledged is there once', async () => {
    const said = new Map<string, string>()
    const write = async (session: number, content: string): Promise<void> => {
      try {
        await tested.memory.session(`s-${session}`).append(user(content))
        said.set(content, 'stored')
      } catch (error) {
        said.set(content, error instanceof MemoryError ? error.executed : 'not a MemoryError')
      }
    }
    for (let round = 0; round < ROUNDS; round++) {
      const how = (['cut-before', 'drop-reply', 'cut', 'refuse'] as const)[round % 4]!
      if (how === 'cut-before' || how === 'drop-reply') tested.proxy.on({ command: 'EVALSHA', nth: 5, times: 2 }, how)
      const writes: Promise<void>[] = []
      for (let number = 0; number < WRITES; number++)
        for (let session = 0; session < SESSIONS; session++)
          writes.push(write(session, `${round}-${number}-${session}`))
      // Some are under way by then, and some are not.
      await new Promise(setImmediate)
      if (how === 'refuse') await tested.proxy.refuse()
      if (how === 'cut' || how === 'refuse') tested.proxy.cut()
      await Promise.all(writes)
      await tested.proxy.restore()
      await poll(() => reachesAll(tested.memory))
    }
    const found = await Promise.all(
      Array.from({ length: SESSIONS }, (_, session) => tested.memory.session(`s-${session}`).messages()),
    )
    const counts = new Map<unknown, number>()
    for (const { content } of found.flatMap(({ messages }) => messages))
      counts.set(content, (counts.get(content) ?? 0) + 1)
    const there = (what: string) =>
      [...said].flatMap(([content, outcome]) => (outcome === what ? [counts.get(content) ?? 0] : []))
    expect(new Set(said.values())).toEqual(new Set(['stored', 'no', 'unknown']))
    expect(new Set(there('stored'))).toEqual(new Set([1]))
    expect(new Set(there('no'))).toEqual(new Set([0]))
    expect(Math.max(...there('unknown'))).toBeLessThanOrEqual(1)
    expect(tested.proxy.faults.cut).toBeGreaterThan(0)
  }, 60_000)
})
