import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { MemoryFullError, type ResilienceOptions, type MemoryService } from 'nestjs-agent-memory'
import { describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { poll } from '../../support/poll.js'
import { runToEnd } from '../../support/run-to-end.js'
import { workerArgs } from '../../support/typescript-args.js'
import type { HealthWithoutDiskOutput } from '../../support/workers/health-without-disk.js'
import { useHealthApps } from './use-health-apps.js'

const user = (content: string) => ({ role: 'user', content }) as const

interface BootOptions extends Pick<ResilienceOptions, 'breaker' | 'deadline'> {
  readonly maxBytes?: number
}

const journalOne = async (memory: MemoryService, id: string, content = 'hello'): Promise<void> => {
  expect(await memory.session(id).append(user(content))).toMatchObject({ stored: 'journal' })
}

describeWithRedis(
  'the health of a memory with a journal',
  (redis) => {
    const bootApp = useHealthApps()
    let proxy: FaultProxy
    let directory: string
    beforeEach(async () => {
      proxy = await FaultProxy.before(redis)
      directory = await mkdtemp(join(tmpdir(), 'agent-memory-journal-'))
    })
    afterEach(async () => {
      await proxy.close()
      await rm(directory, { recursive: true })
    })
    const boot = async ({ maxBytes = 1_000_000, ...resilience }: BootOptions = {}) => {
      const app = await bootApp(redis, {
        through: proxy,
        resilience: { deadline: 300, ...resilience, onOutage: 'journal', journal: { directory, maxBytes } },
      })
      await poll(async () => (await app.health()).reasons.length === 0)
      return app
    }

    it('is degraded, and ready, while writes go there, and until they are made', async () => {
      const app = await boot()
      expect((await app.health()).memory.journal).toMatchObject({ entries: 0, aside: 0, failed: false })
      await proxy.refuse()
      const empty = await app.health()
      expect(empty.http).toBe(200)
      expect(empty.memory).toMatchObject({
        status: 'up',
        degraded: true,
        reasons: ['journaling'],
        code: 'UNAVAILABLE',
      })
      expect(empty.memory).not.toHaveProperty('roundTripMs')
      for (let number = 0; number < 10; number++) await journalOne(app.memory, 's', `${number}`)
      const ready = await app.ready()
      expect(ready.http).toBe(200)
      expect(ready.memory).toMatchObject({ degraded: true, journal: { entries: 10, oldestAt: expect.any(Number) } })
      expect(ready.reasons.slice(0, 2)).toEqual(['journaling', 'journal-not-empty'])
      expect((await app.live()).http).toBe(200)
      expect(proxy.faults.refused).toBeGreaterThan(0)
      await proxy.restore()
      // Slow enough for a look while they are being made.
      proxy.latency(20)
      const replaying = await poll(async () => {
        const answer = await app.health()
        return answer.reasons.includes('journaling') ? undefined : answer
      })
      expect(replaying).toMatchObject({ http: 200, reasons: ['journal-not-empty'], memory: { status: 'up' } })
      await poll(async () => (await app.health()).reasons.length === 0)
      expect(app.memory.status().journal?.entries).toBe(0)
    })

    it('is degraded while nothing gets through, within its time-out, since writes go there', async () => {
      const app = await boot()
      proxy.blackhole()
      const answer = await app.ready()
      expect(answer).toMatchObject({ http: 200, memory: { status: 'up', code: 'UNAVAILABLE' } })
      expect(answer.reasons).toContain('journaling')
      expect(answer.took).toBeLessThan(2_000)
      await journalOne(app.memory, 's')
      await proxy.restore()
    })

    it('is down while the application closes: nothing new is begun then, and nothing goes there', async () => {
      const app = await boot({ deadline: '2s' })
      proxy.blackhole()
      const underWay = app.memory.session('s').append(user('hello'))
      const closing = app.close()
      const { memory } = await poll(async () => {
        const found = await app.indicator.isReady('memory', { timeout: 50 })
        return found['memory']?.status === 'down' ? found : undefined
      })
      // The journal is still open, for what is under way.
      expect(memory).toMatchObject({ status: 'down', code: 'SHUTDOWN', journal: { failed: false } })
      expect(await underWay).toMatchObject({ stored: 'journal' })
      await proxy.restore()
      await closing
    })

    it('is degraded where Redis answers and takes no writes', async () => {
      const app = await boot()
      await using replica = await redis.readOnly()
      await journalOne(app.memory, 's')
      const { http, memory, reasons } = await app.health()
      expect({ http, reasons }).toEqual({
        http: 200,
        reasons: ['journaling', 'journal-not-empty', 'replica-link-down'],
      })
      expect(memory).toMatchObject({ code: 'UNAVAILABLE', server: { role: 'replica' } })
      await replica.restore()
      await poll(async () => (await app.health()).reasons.length === 0)
    })

    it('is down when Redis is full: such writes do not go there', async () => {
      const app = await boot()
      await using filled = await redis.fill('noeviction')
      await expect(app.memory.session('s').append(user('hello'))).rejects.toMatchObject({ code: 'SERVER_FULL' })
      expect(await app.health()).toMatchObject({ http: 503, memory: { status: 'down', code: 'SERVER_FULL' } })
      expect(app.memory.status().journal?.entries).toBe(0)
      await filled.restore()
    })

    it('is degraded while the journal keeps what could not be made', async () => {
      const app = await boot()
      await app.memory.session('s').append(user('before'))
      const key = sessionKey({ namespace: app.namespace, tenant: undefined, sessionId: 's' })
      await proxy.refuse()
      await journalOne(app.memory, 's')
      // Somebody else's key in its place: what waits can never be written there.
      const client = redis.client()
      await client.set(key, 'not a session', 'PX', 60_000)
      await proxy.restore()
      const { http, memory } = await poll(async () => {
        const answer = await app.health()
        return answer.reasons.join() === 'journal-set-aside' ? answer : undefined
      })
      expect(http).toBe(200)
      expect(memory.journal).toMatchObject({ entries: 0, aside: 1 })
      await client.unlink(key)
    })

    it('is degraded when the journal is nearly full, and down when it takes no more while Redis is away', async () => {
      const app = await boot({ maxBytes: 60_000, breaker: { failures: 1, openFor: '1h' } })
      await proxy.refuse()
      const seen: string[] = []
      const text = 'x'.repeat(400)
      for (let number = 0; number < 200; number++) {
        const write = await app.memory
          .session(`session-${number}`)
          .append(user(text))
          .catch((error: unknown) => error)
        const { memory, reasons, http } = await app.health()
        const state = memory.status === 'down' ? memory.code : reasons.includes('journal-pressure') ? 'pressure' : 'up'
        if (seen.at(-1) !== `${http} ${state}`) seen.push(`${http} ${state}`)
        if (write instanceof MemoryFullError) break
      }
      expect(seen).toEqual(['200 up', '200 pressure', '503 JOURNAL_FULL'])
      await expect(app.memory.session('one more').append(user(text))).rejects.toMatchObject({ code: 'JOURNAL_FULL' })
      expect((await app.ready()).http).toBe(503)
    }, 60_000)

    it('is down when the disk of the journal has failed while Redis is away, and degraded when it is back', async () => {
      const { host, port } = redis
      const namespace = `health-${crypto.randomUUID()}`
      const worker = workerArgs('health-without-disk', { directory, server: { host, port }, namespace })
      // The kernel refuses writes beyond this, as on a full disk.
      const limited = ['-c', 'ulimit -f 200 && exec "$0" "$@"', process.execPath, ...worker]
      const { code, output } = await runToEnd('bash', limited)
      expect(code).toBe(0)
      const { refusal, away, back } = JSON.parse(output) as HealthWithoutDiskOutput
      expect(refusal).toBe('JOURNAL_FULL')
      expect(away).toMatchObject({ status: 'down', code: 'JOURNAL_FULL', journal: { failed: true } })
      expect(back).toMatchObject({ status: 'up', degraded: true })
      expect(back).toHaveProperty('reasons', expect.arrayContaining(['journal-failed']))
    }, 60_000)
  },
  { standalone: 'it is about a replica, and about one address', backend: 'binary' },
)
