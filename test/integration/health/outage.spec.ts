import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { describeWithRedis, FaultProxy, type RealRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { reachesAll } from '../../support/reaches-all.js'
import { useHealthApps, type HealthApp } from './use-health-apps.js'

const MARK = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const hello = { role: 'user', content: 'hello' } as const

const isReady = (app: HealthApp): Promise<boolean> => poll(async () => (await app.ready()).http === 200)

const commandFails = (app: HealthApp): Promise<unknown> =>
  app.memory
    .session('s')
    .append(hello)
    .then(
      () => {
        throw new Error('the command should have failed')
      },
      (error: unknown) => error,
    )

/** Replaces what looks like the mark of a check in the answers, and nothing else. */
const garblingProxy = async ({ port, host }: RealRedis): Promise<AsyncDisposable & { readonly url: string }> => {
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connect(port, host)
    const garble = new Transform({
      transform: (chunk: Buffer, _encoding, done) =>
        done(undefined, Buffer.from(chunk.toString('latin1').replace(MARK, 'x'.repeat(36)), 'latin1')),
    })
    for (const socket of [client, server]) sockets.add(socket.on('error', () => undefined))
    client.pipe(server).pipe(garble).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

describeWithRedis('the health of a memory whose Redis is away', (redis) => {
  const boot = useHealthApps()
  let proxy: FaultProxy
  beforeEach(async () => {
    proxy = await FaultProxy.before(redis)
  })
  afterEach(() => proxy.close())

  it('is down and not ready, but alive, and comes back by itself', async () => {
    const app = await boot(redis, { through: proxy, resilience: { deadline: 300 } })
    await isReady(app)
    const masters = await redis.masters()
    const before = Date.now()
    await proxy.refuse()
    const { http, memory, body, took } = await app.health()
    expect(http).toBe(503)
    expect(memory).toEqual({
      status: 'down',
      code: 'UNAVAILABLE',
      breaker: 'closed',
      lastError: { code: 'UNAVAILABLE', at: expect.any(Number) },
      ...(redis.topology === 'cluster' && {
        cluster: { masters: masters.length, mastersDown: masters.length, servers: [] },
      }),
    })
    expect(memory.lastError?.at).toBeGreaterThanOrEqual(before)
    expect(took).toBeLessThan(3_000)
    expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|ECONN/)
    expect((await app.ready()).http).toBe(503)
    const alive = await app.live()
    expect(alive.http).toBe(200)
    expect(alive.memory).toEqual({ status: 'up' })
    expect(proxy.faults.refused).toBeGreaterThan(0)
    await proxy.restore()
    await isReady(app)
    expect((await app.health()).memory).toMatchObject({
      status: 'up',
      degraded: false,
      lastError: { code: expect.any(String) },
    })
  })

  it('does not ask Redis whether it is alive', async () => {
    const app = await boot(redis, { through: proxy })
    await isReady(app)
    const sent = proxy.commands()
    for (let time = 0; time < 20; time++) expect((await app.live()).http).toBe(200)
    expect(proxy.commands()).toBe(sent)
  })

  it.each([
    ['its own time-out', 200, '10s', 200],
    ['the deadline of calls, without one', undefined, 400, 400],
    ['the deadline of calls, with a longer one', '1m', 400, 400],
  ] as const)('answers within %s while nothing gets through', async (_, timeout, deadline, bound) => {
    const app = await boot(redis, { through: proxy, resilience: { deadline }, check: { timeout, cacheFor: 0 } })
    await isReady(app)
    proxy.blackhole()
    const answers = await Promise.all([app.health(), app.ready(), app.live()])
    expect(answers.map(({ http }) => http)).toEqual([503, 503, 200])
    // Within the deadline the socket is given up, too.
    expect(answers[0].memory).toMatchObject({ status: 'down', code: expect.stringMatching(/^(TIMEOUT|UNAVAILABLE)$/) })
    for (const { took } of answers) expect(took).toBeLessThan(bound + 1_500)
    expect(answers[0].took).toBeGreaterThan(bound / 2 - 50)
    await proxy.restore()
    await isReady(app)
  })

  it('shows a breaker that has opened since the check whose result it still uses', async () => {
    const app = await boot(redis, {
      through: proxy,
      resilience: { deadline: 150, breaker: { failures: 2, openFor: '1h' } },
      check: { cacheFor: '1h' },
    })
    await poll(() => reachesAll(app.memory))
    expect(await app.health()).toMatchObject({ http: 200, reasons: [] })
    proxy.blackhole()
    await poll(async () => {
      await commandFails(app)
      return app.memory.status().breaker === 'open'
    })
    const { http, memory } = await app.health()
    expect(http).toBe(200)
    expect(memory).toMatchObject({
      status: 'up',
      degraded: true,
      reasons: ['breaker-open'],
      breaker: 'open',
    })
    const servers = 'cluster' in memory ? memory.cluster?.servers : [memory.server]
    expect(servers).toEqual((await redis.masters()).map(() => expect.objectContaining({ role: 'master' })))
  })

  it('shows a breaker that lets one command through', async () => {
    const app = await boot(redis, {
      through: proxy,
      resilience: { deadline: 400, retry: { attempts: 1 }, breaker: { failures: 1, openFor: 50 } },
      check: { cacheFor: '1h' },
    })
    await poll(() => reachesAll(app.memory))
    expect((await app.health()).reasons).toEqual([])
    proxy.blackhole()
    await commandFails(app)
    const reasons = await poll(async () => {
      const failing = commandFails(app)
      const answer = await app.health()
      await failing
      return answer.reasons.includes('breaker-half-open') ? answer.reasons : undefined
    })
    expect(reasons).toEqual(['breaker-half-open'])
  })

  it('asks through the breaker: it is down at once while that is open, and closes it when Redis is back', async () => {
    const app = await boot(redis, {
      through: proxy,
      // Each server has a breaker: that of the first is still open when those of all others are.
      resilience: { deadline: 1_500, retry: { attempts: 1 }, breaker: { failures: 1, openFor: '5s' } },
    })
    await poll(() => reachesAll(app.memory))
    proxy.blackhole()
    await poll(async () => {
      await commandFails(app)
      const { memory, took } = await app.health()
      return memory.status === 'down' && memory.breaker === 'open' && took < 1_000
    })
    await proxy.restore()
    await isReady(app)
    // Of a cluster, that of each master when it is asked again.
    await poll(async () => (await app.ready()).memory.breaker === 'closed')
    expect(await app.health()).toMatchObject({ http: 200, reasons: [] })
  })

  it('is down after the application was closed, also with a result that could still be used', async () => {
    const app = await boot(redis, { check: { cacheFor: '1h' } })
    expect(await app.health()).toMatchObject({ http: 200 })
    await app.close()
    const down = expect.objectContaining({ status: 'down', code: 'SHUTDOWN' })
    expect(await app.indicator.isHealthy()).toEqual({ memory: down })
    expect(await app.indicator.isReady()).toEqual({ memory: down })
  })
})

describeWithRedis(
  'the health of a memory whose Redis hangs',
  (redis) => {
    const boot = useHealthApps()

    it('is down within the bound', async () => {
      const app = await boot(redis, { resilience: { deadline: '5s' }, check: { timeout: '250ms', cacheFor: 0 } })
      await isReady(app)
      await using paused = await redis.pause()
      const [healthy, ready, live] = await Promise.all([app.health(), app.ready(), app.live()])
      expect(healthy).toMatchObject({ http: 503, memory: { status: 'down', code: 'TIMEOUT' } })
      expect(ready).toMatchObject({ http: 503, memory: { status: 'down', code: 'TIMEOUT' } })
      expect(live.http).toBe(200)
      for (const { took } of [healthy, ready, live]) expect(took).toBeLessThan(2_000)
      await paused.restore()
      await isReady(app)
    })
  },
  { backend: 'binary' },
)

describeWithRedis('an application that starts while Redis is away', (redis) => {
  const boot = useHealthApps()

  it('comes up, says that it is not ready, and is when Redis has come', async () => {
    await using proxy = await FaultProxy.before(redis)
    await proxy.refuse()
    const app = await boot(redis, { through: proxy, resilience: { deadline: 300 } })
    expect((await app.live()).http).toBe(200)
    expect(await app.ready()).toMatchObject({ http: 503, memory: { status: 'down', code: 'UNAVAILABLE' } })
    await proxy.restore()
    await isReady(app)
    expect(await app.health()).toMatchObject({ http: 200, reasons: [] })
    expect((await app.memory.session('s').append(hello)).stored).toBe('redis')
    await app.close()
  })
})

describeWithRedis(
  'the health of a memory whose answers are garbled',
  (redis) => {
    const boot = useHealthApps()

    it('is down when what it reads is not what it wrote', async () => {
      await using garbling = await garblingProxy(redis)
      const app = await boot(redis, { through: garbling })
      const { http, memory } = await app.ready()
      expect(http).toBe(503)
      expect(memory).toMatchObject({ status: 'down', code: 'CORRUPT' })
      await app.close()
    })
  },
  { standalone: 'the proxy of this suite stands before one server' },
)
