import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { MemoryLockLostError } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { lockScript } from '../../../lib/redis/scripts/scripts.generated.js'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'

const limitOf = (lock: string | null): number => Number(lock?.split(' ')[1])

describeWithRedis('keeping and losing the lock of a session', (redis) => {
  const namespace = `locks-${randomUUID()}`
  const tested = useMemory(redis, {}, namespace)
  const other = useMemory(redis, {}, namespace)
  const run = async (key: string, how: string, token: string, ttl = 5_000): Promise<readonly (string | number)[]> =>
    (await tested.redis.eval(lockScript.source, 1, key, how, token, ttl, '')) as (string | number)[]

  it('renews it for as long as the work takes', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    const limits = new Set<number>()
    const answer = await session.withLock(
      async ({ signal }) => {
        const end = performance.now() + 2_200
        while (performance.now() < end) {
          limits.add(limitOf(await tested.redis.hget(key, 'L')))
          const waiting = other.memory.session(session.id).withLock(() => 'never', { wait: '0ms' })
          await expect(waiting).rejects.toMatchObject({ code: 'LOCKED' })
          await sleep(50)
        }
        return signal.aborted
      },
      { ttl: '1s' },
    )
    expect(answer).toBe(false)
    expect(limits.size).toBeGreaterThanOrEqual(5)
  })

  it('its loss with the session aborts the work at the next renewal, and is what the call rejects with', async () => {
    const session = tested.newSession()
    let reason: unknown
    const failed = session.withLock(
      async ({ signal }) => {
        await tested.redis.unlink(tested.keyOf(session))
        const start = performance.now()
        await once(signal, 'abort')
        expect(performance.now() - start).toBeLessThan(600)
        reason = signal.reason
        signal.throwIfAborted()
      },
      { ttl: '1s' },
    )
    await expect(failed).rejects.toBeInstanceOf(MemoryLockLostError)
    await expect(failed).rejects.toMatchObject({ code: 'LOCK_LOST', executed: 'unknown', sessionId: session.id })
    await expect(failed).rejects.toBe(reason)
  })

  it('what the work threw after a loss is the cause; what it answered is not answered', async () => {
    const session = tested.newSession()
    const thrown = new Error('the work')
    const lose = async ({ signal }: { signal: AbortSignal }): Promise<void> => {
      await tested.redis.unlink(tested.keyOf(session))
      await once(signal, 'abort')
    }
    const throws = session.withLock(
      async (lock) => {
        await lose(lock)
        throw thrown
      },
      { ttl: '1s' },
    )
    await expect(throws).rejects.toMatchObject({ code: 'LOCK_LOST', cause: thrown })
    await expect(session.withLock(lose, { ttl: '1s' })).rejects.toMatchObject({ code: 'LOCK_LOST' })
  })

  it("once another's, it is neither renewed nor released", async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    const failed = session.withLock(
      async ({ signal }) => {
        await tested.redis.hdel(key, 'L')
        expect((await run(key, 'acquire', 'another', 60_000))[0]).toBe('HELD')
        await once(signal, 'abort')
      },
      { ttl: '1s' },
    )
    await expect(failed).rejects.toBeInstanceOf(MemoryLockLostError)
    const held = await tested.redis.hget(key, 'L')
    expect(held).toMatch(/^another /)
    // The release is in the background then; what comes after it on the same connection has seen it.
    await expect(session.withLock(() => 1, { wait: '0ms' })).rejects.toMatchObject({ code: 'LOCKED' })
    expect(limitOf(await tested.redis.hget(key, 'L'))).toBe(limitOf(held))
  })

  it('who has lost it does not keep others of the process from it', async () => {
    const session = tested.newSession()
    const work = new EventEmitter()
    const failed = session.withLock(
      async ({ signal }) => {
        await tested.redis.unlink(tested.keyOf(session))
        await once(signal, 'abort')
        await once(work, 'end')
      },
      { ttl: '1s' },
    )
    expect(await session.withLock(() => 'next', { wait: '3s' })).toBe('next')
    work.emit('end')
    await expect(failed).rejects.toMatchObject({ code: 'LOCK_LOST' })
  })

  it('a process whose event loop stood still knows by the clock that it has lost it', async () => {
    const session = tested.newSession()
    const failed = session.withLock(
      () => {
        const end = performance.now() + 1_000
        while (performance.now() < end) Math.sqrt(end)
        return 'done'
      },
      { ttl: '1s' },
    )
    await expect(failed).rejects.toMatchObject({ code: 'LOCK_LOST' })
  })

  it('is known by its token: an acquisition that is sent again answers the same, and extends', async () => {
    const key = tested.keyOf(tested.newSession())
    const [, fence, limit] = await run(key, 'acquire', 'mine')
    await poll(() => Date.now() >= Number(limit) - 5_000 + 20)
    const [word, again, later] = await run(key, 'acquire', 'mine')
    expect([word, again]).toEqual(['HELD', fence])
    expect(Number(later)).toBeGreaterThan(Number(limit))
    expect((await run(key, 'acquire', 'another'))[0]).toBe('WAIT')
    expect(await run(key, 'release', 'another')).toEqual(['LOST'])
    expect(await run(key, 'renew', 'another')).toEqual(['LOST'])
    expect(await tested.redis.hget(key, 'L')).toBe(`mine ${later} awaited`)
    expect((await run(key, 'renew', 'mine')).slice(0, 2)).toEqual(['HELD', fence])
    expect(await run(key, 'release', 'mine')).toEqual(['RELEASED', 1])
    // A renewal that comes late does not bring it back.
    expect(await run(key, 'renew', 'mine')).toEqual(['LOST'])
  })

  it('past its limit it is its holder’s as long as nobody came, and then whose who came', async () => {
    const key = tested.keyOf(tested.newSession())
    const [, fence, limit] = await run(key, 'acquire', 'mine', 100)
    await poll(() => Date.now() > Number(limit) + 5)
    expect((await run(key, 'renew', 'mine', 100)).slice(0, 2)).toEqual(['HELD', fence])
    await poll(() => Date.now() > Number(limit) + 250)
    const [word, greater] = await run(key, 'acquire', 'another')
    expect(word).toBe('HELD')
    expect(Number(greater)).toBeGreaterThan(Number(fence))
    expect(await run(key, 'renew', 'mine')).toEqual(['LOST'])
    expect(await run(key, 'release', 'mine')).toEqual(['LOST'])
    expect(await tested.redis.hget(key, 'L')).toMatch(/^another /)
  })
})
