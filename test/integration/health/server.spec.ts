import { expect, it } from '@jest/globals'
import { describeWithRedis, RealRedis } from 'nestjs-agent-memory/testing'
import { probeKey } from '../../../lib/redis/keys.js'
import { poll } from '../../support/poll.js'
import { useHealthApps, type HealthApp } from './use-health-apps.js'

const hello = { role: 'user', content: 'hello' } as const
const FULL_SIZE = 20 * 1024 * 1024

const healthy = (app: HealthApp): Promise<true> =>
  poll(async () => {
    const { http, reasons } = await app.health()
    return http === 200 && reasons.length === 0 ? (true as const) : undefined
  })

// A server of its own: its settings are changed, and it is filled.
describeWithRedis(
  'the health of a memory, by the state of its server',
  (redis) => {
    const boot = useHealthApps()

    it('is up', async () => {
      const app = await boot(redis)
      const memory = {
        status: 'up',
        degraded: false,
        reasons: [],
        roundTripMs: expect.any(Number),
        breaker: 'closed',
        server: {
          role: 'master',
          replicas: 0,
          replicasDown: 0,
          evictionPolicy: 'noeviction',
          usedMemory: expect.any(Number),
          maxMemory: 0,
          evictedKeys: 0,
        },
      }
      const { http, body } = await app.health()
      expect({ http, body }).toEqual({
        http: 200,
        body: { status: 'ok', info: { memory }, error: {}, details: { memory } },
      })
      const { server, ...withoutServer } = memory
      expect(server.role).toBe('master')
      expect((await app.ready()).memory).toEqual(withoutServer)
      expect((await app.live()).body).toMatchObject({ status: 'ok', info: { memory: { status: 'up' } } })
    })

    it('is found by a mark that does not stay', async () => {
      const app = await boot(redis)
      await app.ready()
      const client = redis.client()
      const key = probeKey(app.namespace)
      const first = await client.get(key)
      expect(first).toMatch(/^[0-9a-f-]{36}$/)
      const left = await client.pttl(key)
      expect(left).toBeGreaterThan(0)
      expect(left).toBeLessThanOrEqual(10_000)
      await app.ready()
      expect(await client.get(key)).not.toBe(first)
    })

    it('is degraded by a policy that evicts', async () => {
      const app = await boot(redis)
      const client = redis.client()
      for (const policy of ['allkeys-lru', 'volatile-ttl']) {
        await client.config('SET', 'maxmemory-policy', policy)
        const { http, memory } = await app.health()
        expect(http).toBe(200)
        expect(memory).toMatchObject({ status: 'up', degraded: true, reasons: ['evicting-policy'] })
        expect(memory.server?.evictionPolicy).toBe(policy)
      }
      // It is none of the questions of whether requests may come.
      expect((await app.ready()).reasons).toEqual([])
      await client.config('SET', 'maxmemory-policy', 'noeviction')
      await healthy(app)
    })

    it('is degraded by a memory that is nearly full', async () => {
      const app = await boot(redis)
      const client = redis.client()
      await client.set('large', '', 'PX', 60_000)
      // Made large in the server: what a connection takes to send as much would come and go.
      await client.setrange('large', FULL_SIZE, 'x')
      const used = (await app.health()).memory.server?.usedMemory ?? 0
      expect(used).toBeGreaterThan(FULL_SIZE)
      await client.config('SET', 'maxmemory', Math.ceil(used / 0.85))
      expect((await app.health()).reasons).toEqual([])
      await client.config('SET', 'maxmemory', Math.ceil(used / 0.95))
      const { http, memory, reasons } = await app.health()
      expect({ http, reasons }).toEqual({ http: 200, reasons: ['memory-pressure'] })
      expect(memory.server?.maxMemory).toBe(Math.ceil(used / 0.95))
      expect((await app.memory.session('s').append(hello)).stored).toBe('redis')
      await client.unlink('large')
      await client.config('SET', 'maxmemory', 0)
      await healthy(app)
      // Until the server has really given it back, the next test could not fill it.
      await poll(async () => ((await app.health()).memory.server?.usedMemory ?? Infinity) < FULL_SIZE / 4)
    })

    it('is degraded by what was evicted since this process saw the server, until its statistics are reset', async () => {
      const app = await boot(redis)
      await using filled = await redis.fill('allkeys-lru', { evictions: 5 })
      expect(filled.evictedKeys).toBeGreaterThanOrEqual(5)
      const { reasons, memory } = await app.health()
      expect(reasons).toEqual(['evicting-policy', 'evicted', 'memory-pressure'])
      expect(memory.server?.evictedKeys).toBeGreaterThanOrEqual(filled.evictedKeys)
      await filled.restore()
      await poll(async () => (await app.health()).reasons.join() === 'evicted')
      // What was evicted before it came is none of its business.
      const later = await boot(redis)
      expect((await later.health()).memory).toMatchObject({ reasons: [], server: { evictedKeys: 0 } })
      const client = redis.client()
      await client.config('RESETSTAT')
      await healthy(app)
      await healthy(later)
      await using again = await redis.fill('allkeys-lru')
      expect((await later.health()).memory.server?.evictedKeys).toBeGreaterThanOrEqual(again.evictedKeys)
      await again.restore()
      await client.config('RESETSTAT')
    })

    it('is down when it is full', async () => {
      const app = await boot(redis)
      await using filled = await redis.fill('noeviction')
      expect(filled.oom).toBe(true)
      await expect(app.memory.session('s').append(hello)).rejects.toMatchObject({ code: 'SERVER_FULL' })
      const { http, body, memory } = await app.health()
      expect(http).toBe(503)
      expect(body).toMatchObject({ status: 'error', error: { memory: { status: 'down', code: 'SERVER_FULL' } } })
      expect(memory.server?.usedMemory).toBeGreaterThan(memory.server?.maxMemory ?? Infinity)
      expect(await app.ready()).toMatchObject({ http: 503, memory: { code: 'SERVER_FULL' } })
      expect((await app.live()).http).toBe(200)
      await filled.restore()
      await healthy(app)
    })

    it('is down when it is a read-only replica', async () => {
      const app = await boot(redis)
      await using replica = await redis.readOnly()
      const { http, memory } = await app.health()
      expect(http).toBe(503)
      expect(memory).toMatchObject({
        status: 'down',
        code: 'UNAVAILABLE',
        lastError: { code: 'UNAVAILABLE', at: expect.any(Number) },
        server: { role: 'replica', masterLink: 'down' },
      })
      expect(memory.server).not.toHaveProperty('replicationLagMs')
      expect((await app.ready()).http).toBe(503)
      await replica.restore()
      await healthy(app)
    })

    it('is up without what INFO would tell, where that is denied', async () => {
      const user = await redis.aclUser({ name: 'no-info', rules: ['~*', '&*', '+@all', '-info'] })
      const app = await boot(redis, { through: user })
      const { http, memory } = await app.health()
      expect(http).toBe(200)
      expect(memory).toEqual({
        status: 'up',
        degraded: false,
        reasons: [],
        roundTripMs: expect.any(Number),
        breaker: 'closed',
      })
      await app.close()
      await user.restore()
    })

    it('is up without it from when that is denied to a connection that had it', async () => {
      const user = await redis.aclUser({ name: 'info-for-now', rules: ['~*', '&*', '+@all'] })
      const app = await boot(redis, { through: user })
      expect((await app.health()).memory.server?.role).toBe('master')
      await redis.aclUser({ name: 'info-for-now', rules: ['-info'] })
      const { http, memory } = await app.health()
      expect(http).toBe(200)
      expect(memory).not.toHaveProperty('server')
      expect(memory).not.toHaveProperty('lastError')
      await app.close()
      await user.restore()
    })

    it('is down where writes are denied, and says neither who nor where', async () => {
      const user = await redis.aclUser({ name: 'ada', rules: ['~*', '&*', '+@all', '-evalsha', '-eval'] })
      const app = await boot(redis, { through: user })
      const { http, body, memory } = await app.health()
      expect(http).toBe(503)
      expect(memory).toMatchObject({ status: 'down', code: 'PERMISSION_DENIED', server: { role: 'master' } })
      expect(JSON.stringify(body)).not.toMatch(/ada|127\.0\.0\.1|NOPERM/)
      await app.close()
      await user.restore()
    })
  },
  { standalone: 'what one server says of itself', backend: 'binary' },
)

describeWithRedis(
  'the health of a memory whose server replicates',
  (redis) => {
    const boot = useHealthApps()
    const startReplica = (...args: string[]): Promise<RealRedis> =>
      RealRedis.start({ backend: 'binary', args: ['--replicaof', '127.0.0.1', String(redis.port), ...args] })

    it('is down on a replica of a real master, and says how it stands to it', async () => {
      await using replica = await startReplica()
      const app = await boot(replica)
      const { http, memory } = await poll(async () => {
        const answer = await app.health()
        return answer.memory.server?.masterLink === 'up' ? answer : undefined
      })
      expect(http).toBe(503)
      expect(memory).toMatchObject({
        status: 'down',
        code: 'UNAVAILABLE',
        server: { role: 'replica', masterLink: 'up', replicationLagMs: expect.any(Number) },
      })
      expect(memory.server).not.toHaveProperty('replicas')
      await app.close()
    })

    it('is degraded on a replica that takes writes', async () => {
      await using replica = await startReplica('--replica-read-only', 'no')
      const app = await boot(replica)
      const { http, memory } = await poll(async () => {
        const answer = await app.health()
        return answer.memory.server?.masterLink === 'up' ? answer : undefined
      })
      expect(http).toBe(200)
      expect(memory).toMatchObject({ status: 'up', degraded: true, reasons: ['writable-replica'] })
      await app.close()
    })

    it('is degraded on a master while a replica of it loads, says nothing, or is gone', async () => {
      const app = await boot(redis)
      await healthy(app)
      await using replica = await startReplica()
      expect(await poll(async () => (await app.health()).reasons.join())).toBe('replica-link-down')
      await healthy(app)
      expect((await app.health()).memory.server).toMatchObject({
        replicas: 1,
        replicasDown: 0,
        replicationLagMs: expect.any(Number),
      })
      await using paused = await replica.pause()
      const silent = await poll(async () => {
        const { memory, reasons } = await app.health()
        return reasons.length > 0 ? { memory, reasons } : undefined
      }, 30_000)
      expect(silent.reasons).toEqual(['replica-link-down'])
      expect(silent.memory.server).toMatchObject({ replicas: 1, replicasDown: 1 })
      expect(silent.memory.server?.replicationLagMs).toBeGreaterThan(10_000)
      await paused.restore()
      await healthy(app)
      await replica.kill()
      const gone = await poll(async () => {
        const { memory } = await app.health()
        return memory.server?.replicas === 0 ? memory : undefined
      })
      expect(gone).toMatchObject({ status: 'up', reasons: ['replica-link-down'], server: { replicasDown: 1 } })
      expect(gone.server).not.toHaveProperty('replicationLagMs')
    }, 90_000)
  },
  // How long it waits for other replicas to load together with one: long enough to be seen.
  { standalone: 'what one server says of itself', backend: 'binary', args: ['--repl-diskless-sync-delay', '1'] },
)
