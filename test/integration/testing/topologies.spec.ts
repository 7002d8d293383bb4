import { describe, expect, it } from '@jest/globals'
import { MemoryModule, type MemoryService } from 'nestjs-agent-memory'
import {
  createMemoryTestingModule,
  describeWithRedis,
  expectNoImmortalKeys,
  FaultProxy,
  RealRedis,
  RealRedisCluster,
  RealRedisSentinel,
  type MemoryTestingModuleOptions,
  type ReachableRedis,
  type ServerFault,
  type TestRedis,
} from 'nestjs-agent-memory/testing'
import { startGroup } from '../../../lib/testing/topology/start-group.js'
import { keysOf, onEachMaster } from '../../support/on-each-master.js'
import { poll } from '../../support/poll.js'
import { withEnvironment } from '../../support/scoped-environment.js'
import { succeeds } from '../../support/succeeds.js'

const SESSIONS = Array.from({ length: 20 }, (_, index) => `session-${index}`)
const hello = { role: 'user', content: 'hello' } as const

const boot = (redis: ReachableRedis, through?: MemoryTestingModuleOptions['through']) =>
  createMemoryTestingModule({
    redis,
    ...(through && { through }),
    // Its place is taken: nobody listens there.
    imports: [MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' }, resilience: { deadline: '2s' } })],
    createApplication: (module) => module.createNestApplication({ logger: false }),
  })

const appendToAll = (memory: MemoryService): Promise<unknown[]> =>
  Promise.all(SESSIONS.map((id) => memory.session(id).append(hello, { operationId: 'once' })))

const storedIn = async (memory: MemoryService): Promise<number[]> =>
  Promise.all(SESSIONS.map(async (id) => (await memory.session(id).messages()).messages.length))

/** The codes of what becomes of a write to each session: of a cluster, to each master. */
const codesOf = async (memory: MemoryService): Promise<unknown[]> => {
  const outcomes = await Promise.allSettled(SESSIONS.map((id) => memory.session(id).append(hello)))
  return [
    ...new Set(outcomes.map((one) => (one.status === 'rejected' ? Reflect.get(one.reason as object, 'code') : 'none'))),
  ]
}

const portsOf = async (redis: Pick<ReachableRedis, 'masters'>): Promise<number[]> =>
  (await redis.masters()).map(({ port }) => port).toSorted((a, b) => a - b)

const suite = (topology: 'cluster' | 'sentinel') => (redis: TestRedis) => {
  it('says what it is, and has no URL that tests without types could connect to', async () => {
    expect(redis).toMatchObject({ topology, backend: 'binary' })
    expect(redis.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(await redis.masters()).toHaveLength(topology === 'cluster' ? 3 : 1)
    expect(() => Reflect.get(redis, 'url') as unknown).toThrow(`a ${topology} has no URL`)
  })

  it('has a memory on all masters, and nothing left of it when it is closed', async () => {
    const tested = await boot(redis)
    const pattern = `am:{${tested.namespace}:*`
    await appendToAll(tested.memory)
    expect(await keysOf(redis, pattern)).toHaveLength(SESSIONS.length)
    const shares = await onEachMaster(redis, async (client) => (await client.keys(pattern)).length)
    expect(Math.min(...shares)).toBeGreaterThan(0)
    expect(await expectNoImmortalKeys(redis, { pattern })).toBe(SESSIONS.length)
    const [key] = await keysOf(redis, pattern)
    expect(await redis.client().exists(key!)).toBe(1)
    await tested.close()
    expect(await keysOf(redis, pattern)).toEqual([])
  })

  it('has a FaultProxy before each server', async () => {
    await using proxy = await FaultProxy.before(redis)
    const tested = await boot(redis, proxy)
    const { memory } = tested
    await appendToAll(memory)
    expect(proxy.commands('EVALSHA')).toBeGreaterThanOrEqual(SESSIONS.length)
    expect(proxy.connections).toBeGreaterThanOrEqual((await redis.masters()).length)
    const fault = proxy.on({ command: 'EVALSHA' }, 'drop-reply')
    await memory.session('s').append(hello, { operationId: 'lost' })
    expect((await memory.session('s').messages()).messages).toHaveLength(1)
    expect(fault.hits).toBe(1)
    await proxy.refuse()
    expect(await codesOf(memory)).toEqual(['UNAVAILABLE'])
    await proxy.restore()
    await poll(() => succeeds(appendToAll(memory)))
    expect(new Set(await storedIn(memory))).toEqual(new Set([1]))
    expect(() => proxy.url).toThrow('this FaultProxy stands before several servers')
    await tested.close()
  })

  it.each<[string, () => Promise<ServerFault>, string[]]>([
    ['pauses', () => redis.pause(), ['TIMEOUT', 'UNAVAILABLE']],
    ['kills', () => redis.kill(), ['UNAVAILABLE']],
    ['fills', () => redis.fill('noeviction', { maxmemory: '4mb' }), ['SERVER_FULL']],
    ['keeps from replicas', () => redis.noReplicas(), ['UNAVAILABLE']],
    ['fails to save on', () => redis.misconf(), ['UNAVAILABLE']],
    ['keeps busy', () => redis.busy(), ['TIMEOUT', 'UNAVAILABLE']],
  ])(
    '%s every master, and takes it back',
    async (_, make, codes) => {
      const tested = await boot(redis)
      const { memory } = tested
      await appendToAll(memory)
      await using fault = await make()
      for (const code of await codesOf(memory)) expect(codes).toContain(code)
      await fault.restore()
      await poll(() => succeeds(appendToAll(memory)))
      await tested.close()
    },
    60_000,
  )

  it('starts every master again, with what it held or empty, without a failover', async () => {
    const before = await portsOf(redis)
    const client = redis.client()
    await Promise.all(SESSIONS.map((key) => client.set(key, 'value', 'EX', 60)))
    await redis.restart({ keepData: true })
    expect(await portsOf(redis)).toEqual(before)
    expect((await keysOf(redis, 'session-*')).toSorted()).toEqual(SESSIONS.toSorted())
    await redis.restart({ keepData: false })
    expect(await keysOf(redis, '*')).toEqual([])
    expect(await portsOf(redis)).toEqual(before)
  }, 60_000)

  it('forgets scripts and saves on every master', async () => {
    await using fault = await redis.pause()
    await redis.resume()
    await fault.restore()
    const tested = await boot(redis)
    const { memory } = tested
    await appendToAll(memory)
    await redis.scriptFlush()
    const scripts = await onEachMaster(redis, (client) => client.info('memory'))
    for (const info of scripts) expect(info).toContain('number_of_cached_scripts:0')
    await appendToAll(memory)
    await redis.save()
    await tested.close()
  })

  it('is used, and neither broken nor stopped, by who only knows its address', async () => {
    const [entry] = topology === 'cluster' ? await redis.masters() : sentinelsOf(redis)
    const variable = `AGENT_MEMORY_TEST_${topology.toUpperCase()}_URL`
    await withEnvironment({ [variable]: `redis://${entry?.host}:${entry?.port}` }, async () => {
      const group = await startGroup(topology, {})
      expect(group.backend).toBe('url')
      expect(await portsOf(group)).toEqual(await portsOf(redis))
      const { memory, namespace } = await boot(group)
      await appendToAll(memory)
      expect(new Set(await storedIn(memory))).toEqual(new Set([1]))
      await expect(group.groupMasters('kill')).rejects.toThrow(
        `kill() needs servers of { backend: 'binary' }; these are of "url"`,
      )
      await group.stop()
      expect(await keysOf(redis, `am:{${namespace}:*`)).toEqual([])
      await expect(startGroup(topology, { args: ['--maxmemory', '8mb'] })).rejects.toThrow(
        `arguments cannot be given to the servers in ${variable}`,
      )
    })
  })
}

const sentinelsOf = ({ connection }: TestRedis): readonly { readonly host: string; readonly port?: number }[] =>
  'sentinel' in connection ? connection.sentinel.sentinels : []

for (const topology of ['cluster', 'sentinel'] as const)
  await withEnvironment({ AGENT_MEMORY_TEST_TOPOLOGY: topology }, () =>
    describeWithRedis(`what describeWithRedis hands out: ${topology}`, suite(topology), { backend: 'binary' }),
  )

describe('createMemoryTestingModule and FaultProxy', () => {
  it.each<[string, () => Promise<ReachableRedis & { stop(): Promise<void> }>]>([
    ['a RealRedis', () => RealRedis.start({ backend: 'binary' })],
    ['a RealRedisCluster', () => RealRedisCluster.start({ backend: 'binary' })],
    ['a RealRedisSentinel', () => RealRedisSentinel.start({ backend: 'binary', password: 'a', sentinelPassword: 'b' })],
  ])('take %s, which closes what was opened on it', async (_, start) => {
    const redis = await start()
    const proxy = await FaultProxy.before(redis)
    const { memory } = await boot(redis, proxy)
    await appendToAll(memory)
    expect(proxy.commands('EVALSHA')).toBeGreaterThanOrEqual(SESSIONS.length)
    await redis.stop()
    await expect(memory.session('s').info()).rejects.toMatchObject({ code: 'SHUTDOWN' })
    expect(proxy.connections).toBe(0)
  })
})
