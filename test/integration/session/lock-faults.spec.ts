import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { INestApplicationContext } from '@nestjs/common'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Cluster, Redis } from 'ioredis'
import { MemoryLockLostError, type AgentSession, type MemoryService } from 'nestjs-agent-memory'
import { describeWithRedis, FaultProxy, type FaultAction, type ScriptedFault } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { reachesAll } from '../../support/reaches-all.js'

const namespace = 'locks'
const keyOf = ({ id }: AgentSession): string => sessionKey({ namespace, tenant: undefined, sessionId: id })

describeWithRedis(
  'the lock of a session under faults',
  (redis) => {
    let proxy: FaultProxy
    let client: Redis | Cluster
    let app: INestApplicationContext
    let memory: MemoryService
    let other: QuietMemory
    let sessions = 0
    const newSession = (): AgentSession => memory.session(`locked-${++sessions}`)
    /** Hits a call of the lock's script as it comes through the proxy. */
    const hit = (how: 'acquire' | 'renew' | 'release', action: FaultAction, times = 1): ScriptedFault =>
      proxy.on({ command: 'EVALSHA', when: (args) => args[3] === how, times }, action)

    beforeAll(async () => {
      proxy = await FaultProxy.before(redis)
      client = redis.client()
      const resilience = { deadline: '1s' } as const
      ;({ app, memory } = await openQuietMemory({ connection: proxy.connection, namespace, resilience }))
      other = await openQuietMemory({ connection: redis.connection, namespace, resilience })
      for (const opened of [memory, other.memory]) await poll(() => reachesAll(opened))
    })
    afterAll(async () => {
      await proxy.close()
      await Promise.all([app.close(), other.app.close()])
    })

    it.each(['drop-reply', 'cut-before'] as const)('an acquisition after a %s is one', async (action) => {
      const session = newSession()
      const fault = hit('acquire', action)
      const before = proxy.commands('EVALSHA')
      await session.withLock(async ({ fence }) => {
        expect(await client.hget(keyOf(session), 'F')).toBe(String(fence))
        const [, limit] = (await client.hget(keyOf(session), 'L'))!.split(' ')
        // It was sent a second time; and where it was executed before, its fence is older than its limit tells.
        // A node of a cluster may have answered that the slot is another's.
        expect(redis.topology === 'cluster' ? [2, 3] : [2]).toContain(proxy.commands('EVALSHA') - before)
        expect(Number(limit) - 30_000).toBeGreaterThanOrEqual(Math.floor(fence / 1_000))
        await session.append({ role: 'user', content: 'hello' }, { fence })
      })
      expect(fault.hits).toBe(1)
      expect(await client.hget(keyOf(session), 'L')).toBeNull()
    })

    it('an acquisition whose caller gave up is taken back', async () => {
      const session = newSession()
      const fault = hit('acquire', 'drop-reply', 50)
      const start = performance.now()
      await expect(session.withLock(() => 'never')).rejects.toMatchObject({ executed: 'unknown', retryable: true })
      expect(performance.now() - start).toBeLessThan(1_500)
      fault.remove()
      expect(fault.hits).toBeGreaterThan(1)
      const taken = await other.memory.session(session.id).withLock(() => 'taken', { wait: '3s' })
      expect(taken).toBe('taken')
    })

    it('a renewal and a release whose replies are lost are made again', async () => {
      const session = newSession()
      const [renewal, release] = [hit('renew', 'drop-reply'), hit('release', 'drop-reply')]
      const aborted = await session.withLock(
        async ({ signal }) => {
          await poll(() => renewal.hits === 1)
          await sleep(1_000)
          return signal.aborted
        },
        { ttl: '1s' },
      )
      expect(aborted).toBe(false)
      expect([renewal.hits, release.hits]).toEqual([1, 1])
      expect(await client.hget(keyOf(session), 'L')).toBeNull()
    })

    it('a lock whose release meets an outage is released when that is over', async () => {
      const session = newSession()
      await session.withLock(() => proxy.refuse(), { ttl: '1m' })
      expect(await client.hget(keyOf(session), 'L')).not.toBeNull()
      await proxy.restore()
      await poll(async () => (await client.hget(keyOf(session), 'L')) === null)
      expect(proxy.faults.refused).toBeGreaterThan(0)
    })

    it('a lock that cannot be released ends by itself, and the work is answered', async () => {
      const session = newSession()
      const fault = hit('release', 'cut-before', 50)
      expect(await session.withLock(() => 'done', { ttl: '1s' })).toBe('done')
      expect(fault.hits).toBeGreaterThan(0)
      expect(await client.hget(keyOf(session), 'L')).not.toBeNull()
      fault.remove()
      expect(await other.memory.session(session.id).withLock(() => 'next', { wait: '3s' })).toBe('next')
    })

    it.each(['a server that hangs', 'a network that swallows all'] as const)(
      'with %s the work is aborted before another could have the lock',
      async (what) => {
        const session = newSession()
        let inTime = Number.NaN
        const failed = session.withLock(
          async ({ signal }) => {
            // Renewed at least once.
            const first = await client.hget(keyOf(session), 'L')
            const renewed = await poll(async () => {
              const lock = await client.hget(keyOf(session), 'L')
              return lock === first ? undefined : lock
            })
            if (what === 'a server that hangs') await redis.pause()
            else proxy.blackhole()
            const start = Date.now()
            await once(signal, 'abort')
            expect(Date.now() - start).toBeGreaterThan(300)
            inTime = Number(renewed.split(' ')[1]) - Date.now()
          },
          { ttl: '1s' },
        )
        try {
          await expect(failed).rejects.toBeInstanceOf(MemoryLockLostError)
        } finally {
          await redis.resume()
          await proxy.restore()
        }
        expect(inTime).toBeGreaterThan(0)
        expect(await other.memory.session(session.id).withLock(() => 'next', { wait: '3s' })).toBe('next')
      },
    )

    it('is not to be had while the server hangs, and what was sent then keeps nobody from it later', async () => {
      const session = other.memory.session('hangs')
      await session.info()
      await redis.pause()
      try {
        const start = performance.now()
        await expect(session.withLock(() => 'never')).rejects.toMatchObject({
          code: expect.stringMatching(/^(TIMEOUT|UNAVAILABLE)$/),
          executed: 'unknown',
        })
        expect(performance.now() - start).toBeLessThan(1_500)
      } finally {
        await redis.resume()
      }
      expect(await memory.session(session.id).withLock(() => 'taken', { wait: '5s' })).toBe('taken')
    })

    it('is to be had when the server is full: who deletes under it makes room', async () => {
      const session = newSession()
      await session.append({ role: 'user', content: 'hello' })
      await using full = await redis.fill('noeviction')
      const absent = newSession()
      await expect(absent.append({ role: 'user', content: 'hello' })).rejects.toMatchObject({ code: 'SERVER_FULL' })
      expect(await absent.withLock(() => 'held')).toBe('held')
      expect(await session.withLock(({ fence }) => session.delete({ fence }))).toBe(true)
      await full.restore()
    })

    it('is not to be had without a server', async () => {
      await redis.kill()
      try {
        for (const session of [newSession(), newSession()]) {
          const start = performance.now()
          const failed = session.withLock(() => 'never')
          await expect(failed).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
          expect(performance.now() - start).toBeLessThan(1_500)
        }
      } finally {
        await redis.restart({ keepData: false })
      }
      const back = newSession()
      expect(await poll(() => back.withLock(() => 'held').catch(() => undefined))).toBe('held')
    })
  },
  { backend: 'binary' },
)
