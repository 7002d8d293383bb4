import { expect, it } from '@jest/globals'
import { Test } from '@nestjs/testing'
import {
  AgentMemoryHealthIndicator,
  MemoryInvalidError,
  MemoryModule,
  type AgentMemoryHealthOptions,
} from 'nestjs-agent-memory'
import { describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { reachesAll } from '../../support/reaches-all.js'
import { runWorker } from '../../support/run-worker.js'
import type { HealthProberOutput } from '../../support/workers/health-prober.js'
import { useHealthApps } from './use-health-apps.js'

interface UntypedIndicator {
  isHealthy(...given: unknown[]): Promise<unknown>
  isReady(...given: unknown[]): Promise<unknown>
  isAlive(...given: unknown[]): unknown
}

/** How many writes and questions there were for what is asked; the probes' own commands only. */
const sentFor = async (proxy: FaultProxy, ask: () => Promise<unknown>) => {
  const before = { writes: proxy.commands('EVALSHA'), questions: proxy.commands('INFO') }
  await ask()
  return {
    writes: proxy.commands('EVALSHA') - before.writes,
    questions: proxy.commands('INFO') - before.questions,
  }
}

/** As from JavaScript. */
const untyped = (indicator: AgentMemoryHealthIndicator) => indicator as unknown as UntypedIndicator

describeWithRedis('checks of the health', (redis) => {
  const boot = useHealthApps()

  it('are one for all who ask at the same time, wherever they got the indicator', async () => {
    await using proxy = await FaultProxy.before(redis)
    const app = await boot(redis, { through: proxy, imports: [MemoryModule] })
    await poll(() => reachesAll(app.memory))
    const { length: masters } = await redis.masters()
    proxy.latency(50)
    const sent = await sentFor(proxy, async () => {
      const answers = await Promise.all([
        ...Array.from({ length: 50 }, () => app.indicator.isHealthy('memory', { cacheFor: 0 })),
        ...Array.from({ length: 50 }, () => app.indicator.isReady('memory', { cacheFor: 0 })),
        ...Array.from({ length: 10 }, () => app.health()),
      ])
      expect(answers).toHaveLength(110)
    })
    expect(sent).toEqual({ writes: masters, questions: masters })
    await app.close()
  })

  it('are used again for as long as is said, a second by default', async () => {
    await using proxy = await FaultProxy.before(redis)
    const app = await boot(redis, { through: proxy })
    const { indicator } = app
    await poll(() => reachesAll(app.memory))
    const { length: masters } = await redis.masters()
    const ask = async (options?: AgentMemoryHealthOptions): Promise<void> => {
      for (let time = 0; time < 10; time++) await indicator.isHealthy('memory', options)
    }
    expect(await sentFor(proxy, () => ask({ cacheFor: 0 }))).toEqual({
      writes: 10 * masters,
      questions: 10 * masters,
    })
    expect(await sentFor(proxy, () => ask())).toEqual({ writes: 0, questions: 0 })
    expect(await sentFor(proxy, () => ask({ cacheFor: '1h' }))).toEqual({ writes: 0, questions: 0 })
    const start = performance.now()
    await poll(async () => (await sentFor(proxy, () => indicator.isReady())).writes === masters)
    expect(performance.now() - start).toBeGreaterThan(500)
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(await sentFor(proxy, () => ask())).toMatchObject({ writes: 0 })
    await app.close()
  })

  it('do not wait for one that takes longer than they do, and make no second one', async () => {
    await using proxy = await FaultProxy.before(redis)
    const app = await boot(redis, { through: proxy, resilience: { deadline: '5s' } })
    const { indicator } = app
    await poll(() => reachesAll(app.memory))
    const { length: masters } = await redis.masters()
    proxy.latency(500)
    const sent = await sentFor(proxy, async () => {
      for (let time = 0; time < 5; time++) {
        const { memory } = await indicator.isReady('memory', { timeout: 20, cacheFor: 0 })
        expect(memory).toMatchObject({ status: 'down', code: 'TIMEOUT' })
      }
    })
    expect(sent.writes).toBe(masters)
    await poll(async () => (await indicator.isReady('memory', { cacheFor: '1h' }))['memory']?.status === 'up')
    await app.close()
  })

  it('stand under the name they are given', async () => {
    const { indicator } = await boot(redis)
    expect(Object.keys(await indicator.isHealthy())).toEqual(['memory'])
    expect(Object.keys(await indicator.isHealthy('chat'))).toEqual(['chat'])
    expect(Object.keys(await indicator.isReady('chat'))).toEqual(['chat'])
    expect(indicator.isAlive('chat')).toEqual({ chat: { status: 'up' } })
  })

  it.each<[string, unknown, string, string, string]>([
    ['a number for the options', 5, 'options', 'the number 5', 'an object with timeout, cacheFor'],
    ['an unknown name', { timeOut: 5 }, 'options.timeOut', 'an unknown name', 'timeout, cacheFor'],
    ['no time', { timeout: 0 }, 'options.timeout', 'the number 0', "a duration as '2s'"],
    ['a time without a unit', { timeout: '5' }, 'options.timeout', 'a string of 1 characters', "a duration as '2s'"],
    ['a negative time', { cacheFor: -1 }, 'options.cacheFor', 'the number -1', 'or 0 for no cache'],
    ['a fraction', { cacheFor: 0.5 }, 'options.cacheFor', 'the number 0.5', 'or 0 for no cache'],
    ['null', { cacheFor: null }, 'options.cacheFor', 'null', 'or 0 for no cache'],
  ])('refuse %s', async (_, options, path, given, allowed) => {
    const { indicator } = await boot(redis)
    for (const method of ['isHealthy', 'isReady'] as const) {
      const asking = untyped(indicator)[method]('memory', options)
      const refused: unknown = await asking.catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(MemoryInvalidError)
      expect(refused).toMatchObject({ code: 'ARGUMENT_INVALID', path })
      expect(String(refused)).toContain(`${path}: ${given} given; allowed: `)
      expect(String(refused)).toContain(allowed)
    }
  })

  it.each([[''], [7], [null]])('refuse %p for a name', async (key) => {
    const { indicator } = await boot(redis)
    const refusal = /key: .* given; allowed: a string of at least 1 character/
    await expect(untyped(indicator).isHealthy(key)).rejects.toThrow(refusal)
    await expect(untyped(indicator).isReady(key)).rejects.toThrow(refusal)
    expect(() => untyped(indicator).isAlive(key)).toThrow(refusal)
  })

  it('are there in an application that has not started', async () => {
    const module = await Test.createTestingModule({
      imports: [MemoryModule.forRoot({ connection: redis.connection })],
    }).compile()
    expect(module.get(AgentMemoryHealthIndicator).isAlive()).toEqual({ memory: { status: 'up' } })
    await module.close()
  })

  it('leave connections and heap as they were, 10,000 of them', async () => {
    const outcome = await runWorker<HealthProberOutput>('health-prober', { probes: 10_000 })
    expect(outcome.probes).toBe(10_000)
    expect(outcome.up).toBe(10_000)
    // Each was a check of its own.
    expect(outcome.writes).toBe(10_000)
    expect(outcome.connectionsMade).toBe(0)
    expect(outcome.after.connectedClients).toBe(outcome.before.connectedClients)
    expect(outcome.after.handles).toEqual(outcome.before.handles)
    expect(outcome.after.files).toBe(outcome.before.files)
    expect(outcome.after.heap - outcome.before.heap).toBeLessThan(500_000)
  }, 60_000)
})
