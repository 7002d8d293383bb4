import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import {
  MemoryInvalidError,
  MemoryLockError,
  SessionNotFoundError,
  type AgentSession,
  type SessionOwner,
} from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'
import { watchCommands } from '../../support/watch-commands.js'

describeWithRedis('the lock of a session', (redis) => {
  const namespace = `locks-${randomUUID()}`
  const tested = useMemory(redis, {}, namespace)
  const other = useMemory(redis, {}, namespace)
  const third = useMemory(redis, {}, namespace)
  const fourth = useMemory(redis, {}, namespace)
  let sessions = 0
  const newId = (): string => `locked-${++sessions}`
  const here = (id: string, owner?: SessionOwner): AgentSession => tested.memory.session(id, owner)
  const there = (id: string): AgentSession => other.memory.session(id)

  it('is held by one at a time in a process, first come, first served', async () => {
    const id = newId()
    const begun: number[] = []
    const fences: number[] = []
    let holders = 0
    const work = async (caller: number, fence: number): Promise<number> => {
      expect(++holders).toBe(1)
      begun.push(caller)
      fences.push(fence)
      await sleep(1)
      holders--
      return caller
    }
    const callers = Array.from({ length: 50 }, (_, index) => index)
    const watch = await watchCommands(redis)
    const answers = await Promise.all(callers.map((caller) => here(id).withLock(({ fence }) => work(caller, fence))))
    expect(answers).toEqual(callers)
    expect(begun).toEqual(callers)
    expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => a - b))
    // From hand to hand: no one asks twice.
    await tested.redis.publish(id, 'all was sent')
    await poll(() => watch.lines.some((line) => line.includes('all was sent')))
    watch.stop()
    const asked = watch.lines.filter(
      (line) => line.includes('"evalsha"') && line.includes(tested.keyOf({ id, tenant: undefined })),
    )
    expect(asked).toHaveLength(2 * callers.length)
  })

  it('is held by one at a time in several processes, and each gets it', async () => {
    const id = newId()
    const fences: number[] = []
    let holders = 0
    const work = async (fence: number): Promise<void> => {
      expect(++holders).toBe(1)
      fences.push(fence)
      await sleep(1)
      holders--
    }
    await Promise.all(
      [tested, other, third, fourth].map(async ({ memory }) => {
        for (let count = 0; count < 10; count++) await memory.session(id).withLock(({ fence }) => work(fence))
      }),
    )
    expect(fences).toHaveLength(40)
    expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => a - b))
    expect(fences.every((fence) => Number.isSafeInteger(fence))).toBe(true)
  })

  it('is waited for as long as asked, by who waits in this process and by who waits in another', async () => {
    const id = newId()
    await here(id).withLock(async () => {
      for (const process of [here, there]) {
        for (const [wait, most] of [
          ['0ms', 300],
          ['300ms', 800],
        ] as const) {
          const start = performance.now()
          const failed = process(id).withLock(() => expect('begun').toBe('never'), { wait })
          await expect(failed).rejects.toBeInstanceOf(MemoryLockError)
          await expect(failed).rejects.toMatchObject({
            code: 'LOCKED',
            executed: 'no',
            retryable: true,
            sessionId: id,
          })
          const waited = performance.now() - start
          expect(waited).toBeGreaterThanOrEqual(wait === '0ms' ? 0 : 299)
          expect(waited).toBeLessThan(most)
        }
      }
    })
    // Nobody who has gone stands in the way.
    expect(await Promise.all([here, there].map((process) => process(id).withLock(() => 'free')))).toEqual([
      'free',
      'free',
    ])
  })

  it('is free again when the work has ended, however it ended', async () => {
    const id = newId()
    const key = tested.keyOf({ id, tenant: undefined })
    const failure = new Error('the work')
    expect(await here(id).withLock(() => 7)).toBe(7)
    expect(await tested.redis.hget(key, 'L')).toBeNull()
    await expect(here(id).withLock(() => Promise.reject(failure))).rejects.toBe(failure)
    expect(await tested.redis.hget(key, 'L')).toBeNull()
    const thrown = here(id).withLock(() => {
      throw failure
    })
    await expect(thrown).rejects.toBe(failure)
    expect(await tested.redis.hget(key, 'L')).toBeNull()
    expect(await there(id).withLock(({ signal }) => signal.aborted, { wait: '0ms' })).toBe(false)
  })

  it('goes to another who waits rather than to the same process again', async () => {
    const id = newId()
    const key = tested.keyOf({ id, tenant: undefined })
    for (let round = 0; round < 5; round++) {
      let others = false
      const asked = await here(id).withLock(async () => {
        const answer = there(id).withLock(() => {
          others = true
        })
        await poll(async () => (await tested.redis.hget(key, 'L'))?.endsWith(' awaited'))
        return { answer }
      })
      expect(await here(id).withLock(() => others)).toBe(true)
      await asked.answer
    }
  })

  it('takes a function, a ttl and a wait', async () => {
    const id = newId()
    const wrong: [string, unknown, unknown][] = [
      ['work', undefined, undefined],
      ['work', 'text', undefined],
      ['options', () => 1, 'text'],
      ['options.ttl', () => 1, { ttl: 30 }],
      ['options.ttl', () => 1, { ttl: '999ms' }],
      ['options.ttl', () => 1, { ttl: '61m' }],
      ['options.ttl', () => 1, { ttl: '0ms' }],
      ['options.wait', () => 1, { wait: '2h' }],
      ['options.wait', () => 1, { wait: 0 }],
      ['options.wait', () => 1, { wait: '-1s' }],
      ['options.fence', () => 1, { fence: 1 }],
    ]
    for (const [path, work, options] of wrong) {
      const failed = here(id).withLock(work as () => number, options as object)
      await expect(failed).rejects.toBeInstanceOf(MemoryInvalidError)
      await expect(failed).rejects.toMatchObject({ path, executed: 'no' })
    }
    expect(await here(id).withLock(() => 1, { ttl: '1s', wait: '0s' })).toBe(1)
    expect(await here(id).withLock(() => 1, { ttl: '1h', wait: '1h' })).toBe(1)
  })

  it('is for the user of the session alone', async () => {
    const hers = tested.newSession({ userId: 'ada' })
    await hers.append({ role: 'user', content: 'hello' })
    const his = here(hers.id, { userId: 'bob' }).withLock(() => expect('begun').toBe('never'))
    await expect(his).rejects.toBeInstanceOf(SessionNotFoundError)
    expect(await tested.redis.hmget(tested.keyOf(hers), 'F', 'L')).toEqual([null, null])
    expect(await hers.withLock(() => 'hers')).toBe('hers')
    expect(await here(hers.id).withLock(() => "the application's own")).toBe("the application's own")
  })
})
