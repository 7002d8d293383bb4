import { EventEmitter, once } from 'node:events'
import { Injectable, Module } from '@nestjs/common'
import { LazyModuleLoader } from '@nestjs/core'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import {
  getMemoryToken,
  InjectMemory,
  MemoryModule,
  MemoryService,
  MemoryShutdownError,
  type MemoryFeatureOptions,
  type MemoryModuleOptions,
} from 'nestjs-agent-memory'
import {
  createMemoryTestingModule,
  describeWithRedis,
  expectNoImmortalKeys,
  FaultProxy,
  type MemoryTestingModule,
} from 'nestjs-agent-memory/testing'
import { z } from 'zod'
import { sessionKey } from '../../../lib/redis/keys.js'
import { testKey } from '../../support/keys.js'
import { existing } from '../../support/on-each-master.js'
import { poll } from '../../support/poll.js'
import { storing, type StoringMemory } from '../../support/storing-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const

@Injectable()
class Seller {
  constructor(@InjectMemory('sales') readonly sales: MemoryService) {}
}

@Module({ imports: [MemoryModule.forFeature('sales')], providers: [Seller] })
class SalesModule {}

const contentsOf = async (memory: MemoryService, id = 'same'): Promise<unknown[]> =>
  (await memory.session(id).messages()).messages.map(({ content }) => content)

const named = ({ app }: Pick<MemoryTestingModule, 'app'>, name = 'billing'): StoringMemory =>
  storing(app.get<MemoryService>(getMemoryToken(name), { strict: false }))

const keyIn = (namespace: string): string => sessionKey({ namespace, tenant: undefined, sessionId: 'same' })

/** How many connections one memory has: of a cluster of three masters and three replicas, one to each. */
const ONE = { standalone: 1, sentinel: 1, cluster: 6 }

describeWithRedis('named memories', (redis) => {
  let proxy: FaultProxy
  beforeAll(async () => {
    proxy = await FaultProxy.before(redis)
  })
  afterAll(() => proxy.close())

  const boot = (
    options: Omit<MemoryModuleOptions, 'connection'> = {},
    overrides?: MemoryFeatureOptions,
    ...others: NonNullable<Parameters<typeof createMemoryTestingModule>[0]['imports']>
  ): Promise<MemoryTestingModule> =>
    createMemoryTestingModule({
      redis,
      through: proxy,
      imports: [
        MemoryModule.forRoot({ connection: proxy.connection, ...options }),
        MemoryModule.forFeature('billing', overrides),
        ...others,
      ],
      createApplication: (module) => module.createNestApplication({ logger: false }),
    })

  it('never meet, also in sessions of the same id', async () => {
    await using tested = await boot({}, undefined, SalesModule)
    const memories = [storing(tested.memory), named(tested), named(tested, 'sales')]
    for (const [place, memory] of memories.entries()) {
      await memory.session('same').append(user(`in ${place}`), { operationId: 'same' })
      await memory.session('same').state.set({ place })
    }
    for (const [place, memory] of memories.entries()) {
      expect(await contentsOf(memory)).toEqual([`in ${place}`])
      expect((await memory.session('same').state.get()).values).toEqual({ place })
    }
    const { namespace } = tested
    const keys = [namespace, `${namespace}.billing`, `${namespace}.sales`].map((of) => keyIn(of))
    expect(await existing(redis.client(), keys)).toBe(3)
    await named(tested).session('same').delete()
    expect(await contentsOf(tested.memory)).toEqual(['in 0'])
    expect(await contentsOf(named(tested, 'sales'))).toEqual(['in 2'])
    expect(await contentsOf(named(tested))).toEqual([])
  })

  it('hold the locks of their own sessions only', async () => {
    await using tested = await boot()
    const [root, billing] = [tested.memory.session('same'), named(tested).session('same')]
    const inside = await root.withLock(() => billing.withLock(() => 'both', { wait: '0ms' }))
    expect(inside).toBe('both')
    await root.withLock(async () => {
      await expect(root.withLock(() => 'twice', { wait: '0ms' })).rejects.toMatchObject({ code: 'LOCKED' })
    })
  })

  it('share the one connection', async () => {
    await using tested = await boot({}, { session: { ttl: '1d' } }, SalesModule)
    for (const memory of [tested.memory, named(tested), named(tested, 'sales')]) {
      await memory.session('same').append(user('hello'))
    }
    expect(proxy.connections).toBe(ONE[redis.topology])
  })

  it('have limits and times of their own, and the rest of forRoot', async () => {
    await using tested = await boot(
      { session: { ttl: '1h', maxMessages: 3 } },
      { session: { ttl: '2h' } },
      MemoryModule.forFeature('sales', { session: { maxMessages: 2 } }),
    )
    const lives: number[] = []
    const kept: unknown[][] = []
    for (const [memory, namespace] of [
      [storing(tested.memory), tested.namespace],
      [named(tested), `${tested.namespace}.billing`],
      [named(tested, 'sales'), `${tested.namespace}.sales`],
    ] as const) {
      for (const content of ['1', '2', '3', '4']) await memory.session('same').append(user(content))
      kept.push(await contentsOf(memory))
      lives.push(Math.round((await redis.client().pttl(keyIn(namespace))) / 60_000))
    }
    expect(kept).toEqual([
      ['2', '3', '4'],
      ['2', '3', '4'],
      ['3', '4'],
    ])
    expect(lives).toEqual([60, 120, 60])
  })

  it('check state by the schema of their own, or else by that of forRoot', async () => {
    await using tested = await boot(
      { state: z.object({ guests: z.number() }) },
      { state: z.object({ amount: z.number() }) },
      SalesModule,
    )
    const [root, billing, sales] = [tested.memory, named(tested), named(tested, 'sales')].map((memory) =>
      memory.session('same'),
    )
    await root!.state.set({ guests: 2 })
    await sales!.state.set({ guests: 2 })
    await billing!.state.set({ amount: 2 })
    const invalid = { code: 'ARGUMENT_INVALID' }
    await expect(root!.state.set({ guests: 'two' })).rejects.toMatchObject(invalid)
    await expect(sales!.state.set({ guests: 'two' })).rejects.toMatchObject(invalid)
    await expect(billing!.state.set({ amount: 'two' })).rejects.toMatchObject(invalid)
  })

  it('encrypt as forRoot does, unless with keys of their own', async () => {
    const secret = 'the door code is 4711'
    await using tested = await boot(
      { serialization: { encryption: { current: 'k1', keys: { k1: testKey(1) } } } },
      { session: { ttl: '1h' } },
      MemoryModule.forFeature('sales', {
        serialization: { encryption: { current: 'k2', keys: { k2: testKey(2) } } },
      }),
    )
    const stored: string[] = []
    for (const [memory, name] of [
      [named(tested), 'billing'],
      [named(tested, 'sales'), 'sales'],
    ] as const) {
      await memory.session('same').append(user(secret))
      expect(await contentsOf(memory)).toEqual([secret])
      stored.push(JSON.stringify(await redis.client().hgetall(keyIn(`${tested.namespace}.${name}`))))
    }
    for (const fields of stored) expect(fields).not.toContain('4711')
    expect(stored[0]).toContain('k1')
    expect(stored[1]).toContain('k2')
  })

  it('are made in a module that is loaded lazily, when there is a connection already', async () => {
    await using tested = await boot()
    await tested.memory.session('same').append(user('in the root'))
    const loaded = await tested.app.get(LazyModuleLoader).load(() => SalesModule)
    const { sales } = loaded.get(Seller)
    await sales.session('same').append(user('late'))
    expect(await contentsOf(sales)).toEqual(['late'])
    expect(await redis.client().exists(keyIn(`${tested.namespace}.sales`))).toBe(1)
    expect(proxy.connections).toBe(ONE[redis.topology])
  })

  it('are isolated and removed by the test kit, also with a long name and a namespace of their own', async () => {
    const name = 'x'.repeat(32)
    const tested = await boot(
      { namespace: 'production' },
      { namespace: 'production-bills' },
      MemoryModule.forFeature(name),
    )
    const { namespace } = tested
    await named(tested).session('same').append(user('hello'))
    await named(tested, name).session('same').append(user('hello'))
    const keys = [keyIn(`${namespace}.billing`), keyIn(`${namespace}.${name}`)]
    expect(await existing(redis.client(), keys)).toBe(2)
    expect(await redis.client().exists(keyIn('production-bills'))).toBe(0)
    expect(await expectNoImmortalKeys(redis, { pattern: `am:{${namespace}.*` })).toBe(2)
    await tested.close()
    expect(await existing(redis.client(), keys)).toBe(0)
  })

  it('of one namespace are refused in tests as they are in production', async () => {
    const sales = MemoryModule.forFeature('sales', { namespace: 'same' })
    await expect(boot({}, { namespace: 'same' }, sales)).rejects.toMatchObject({
      problems: [{ path: expect.stringMatching(/^forFeature\('(?:billing|sales)'\)\.namespace$/) }],
    })
    expect(proxy.connections).toBe(0)
  })

  it('are waited for when the application closes, in what is under way', async () => {
    const tested = await boot()
    const billing = named(tested).session('same')
    await billing.append(user('before'))
    const slow = proxy.on({ command: 'EVALSHA' }, 'delay', { ms: 300 })
    let isUnderWay = true
    const appending = billing.append(user('under way')).finally(() => {
      isUnderWay = false
    })
    await poll(() => slow.hits === 1)
    expect(isUnderWay).toBe(true)
    const key = keyIn(`${tested.namespace}.billing`)
    const closing = tested.app.close()
    await expect(appending).resolves.toMatchObject({ stored: 'redis' })
    await closing
    expect(Number(await redis.client().hget(key, 'q'))).toBe(2)
    await expect(billing.append(user('after'))).rejects.toBeInstanceOf(MemoryShutdownError)
    await tested.close()
  })

  it('let nobody wait for a lock of theirs when the application closes', async () => {
    const tested = await boot()
    const billing = named(tested).session('same')
    const gate = new EventEmitter()
    let began = false
    const holding = billing.withLock(async () => {
      began = true
      await once(gate, 'open')
    })
    await poll(() => began)
    const waiting = billing.withLock(() => 'had it', { wait: '20s' })
    const closing = tested.close()
    await expect(waiting).rejects.toBeInstanceOf(MemoryShutdownError)
    gate.emit('open')
    await Promise.allSettled([holding, closing])
  })
})
