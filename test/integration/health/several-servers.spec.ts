import { describe, expect, it } from '@jest/globals'
import { AgentMemoryHealthIndicator, type MemoryModuleOptions, type MemoryUp } from 'nestjs-agent-memory'
import { RealRedisCluster, RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { succeeds } from '../../support/succeeds.js'

const hello = { role: 'user', content: 'hello' } as const

interface Checked extends QuietMemory {
  readonly check: () => Promise<MemoryUp>
  readonly ready: () => Promise<MemoryUp>
}

const memoryOf = (answer: object): MemoryUp => (answer as { readonly memory: MemoryUp }).memory

const open = async (connection: MemoryModuleOptions['connection']): Promise<Checked> => {
  const quiet = await openQuietMemory({ connection, namespace: 'health' })
  await poll(() => succeeds(quiet.memory.session('s').append(hello)))
  const indicator = quiet.app.get(AgentMemoryHealthIndicator)
  const options = { cacheFor: 0, timeout: '700ms' } as const
  return {
    ...quiet,
    check: async () => memoryOf(await indicator.isHealthy('memory', options)),
    ready: async () => memoryOf(await indicator.isReady('memory', options)),
  }
}

describe('the health of a memory on more than one server', () => {
  it('is that of all masters of a cluster: degraded without some of them, down without all', async () => {
    await using cluster = await RealRedisCluster.start({
      backend: 'binary',
      masters: 3,
      replicas: 1,
      args: ['--cluster-require-full-coverage', 'no'],
    })
    await using quiet = await open({ cluster: { nodes: cluster.seeds } })
    const well = () => poll(async () => (await quiet.check()).reasons?.length === 0)
    await well()
    const memory = await quiet.check()
    expect(memory).toEqual({
      status: 'up',
      degraded: false,
      reasons: [],
      roundTripMs: expect.any(Number),
      breaker: 'closed',
      cluster: { masters: 3, mastersDown: 0, servers: expect.any(Array) },
    })
    expect(memory.cluster?.servers).toEqual(
      [1, 2, 3].map(() => expect.objectContaining({ role: 'master', replicas: 1, replicasDown: 0 })),
    )
    expect((await quiet.ready()).cluster).toEqual({ masters: 3, mastersDown: 0 })
    expect(JSON.stringify(memory)).not.toMatch(/127\.0\.0\.1/)

    const masters = (await cluster.topology()).filter(({ role }) => role === 'master')
    const [first] = masters as [(typeof masters)[0]]
    const client = cluster.nodeClient(first)
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    expect(await quiet.check()).toMatchObject({ status: 'up', degraded: true, reasons: ['evicting-policy'] })
    expect((await quiet.ready()).reasons).toEqual([])
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    await well()

    const replica = (await cluster.topology()).find(({ masterId }) => masterId === first.id)!
    const cut = await cluster.partition(replica)
    await poll(async () => (await quiet.check()).reasons.join() === 'replica-link-down')
    await cut.restore()
    await cluster.settled()
    await well()

    // One that hangs holds nobody up, and is not all of them.
    const keyIn = async (id: string): Promise<string> => {
      for (let number = 0; ; number++) if ((await cluster.masterOf(`k${number}`)).id === id) return `k${number}`
    }
    const keys = await Promise.all(masters.map(({ id }) => keyIn(id)))
    const paused = await cluster.pauseMaster(keys[0]!)
    const began = performance.now()
    expect(await quiet.check()).toMatchObject({
      status: 'up',
      degraded: true,
      reasons: expect.arrayContaining(['master-down']),
      cluster: { masters: 3, mastersDown: 1 },
    })
    expect(performance.now() - began).toBeLessThan(1_200)
    expect(await quiet.ready()).toMatchObject({ status: 'up', cluster: { masters: 3, mastersDown: 1 } })
    await paused.restore()
    await cluster.settled()
    await poll(async () => (await quiet.check()).cluster?.mastersDown === 0)

    const killed = await Promise.all(keys.map((key) => cluster.killMaster(key)))
    expect(new Set(killed.map(({ node }) => node.id)).size).toBe(3)
    expect(await quiet.check()).toMatchObject({ status: 'down', code: expect.stringMatching(/UNAVAILABLE|TIMEOUT/) })
    expect(await quiet.ready()).toMatchObject({ status: 'down' })
  }, 120_000)

  it('is that of the master that the sentinels name', async () => {
    await using sentinel = await RealRedisSentinel.start({ backend: 'binary', replicas: 2 })
    await using quiet = await open({ sentinel: { name: sentinel.name, sentinels: sentinel.sentinels } })
    const isMaster = async (): Promise<boolean> => {
      const { server } = await quiet.check()
      return server?.role === 'master' && server.replicas === 2
    }
    await poll(isMaster)
    expect(await quiet.check()).not.toHaveProperty('cluster')
    await sentinel.failover()
    await poll(isMaster, 20_000)
  }, 120_000)
})
