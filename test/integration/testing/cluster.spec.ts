import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RealRedisCluster } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { withEnvironment } from '../../support/scoped-environment.js'

describe('RealRedisCluster', () => {
  let cluster: RealRedisCluster
  beforeAll(async () => {
    cluster = await RealRedisCluster.start({
      backend: 'binary',
      masters: 3,
      replicas: 1,
      nodeTimeout: 5_000,
      args: ['--maxmemory', '64mb'],
    })
  })
  afterAll(() => cluster.stop())

  it('shares all slots out among the masters, and gives each its replicas', async () => {
    const nodes = await cluster.topology()
    const masters = nodes.filter(({ role }) => role === 'master')
    expect(masters.flatMap(({ slots }) => slots).toSorted(([a], [b]) => a - b)).toEqual([
      [0, 5_461],
      [5_462, 10_922],
      [10_923, 16_383],
    ])
    const replicas = nodes.filter(({ role }) => role === 'replica')
    expect(new Set(replicas.map(({ masterId }) => masterId))).toEqual(new Set(masters.map(({ id }) => id)))
    expect(cluster.nodes).toBe(nodes)
    expect(new Set(cluster.seeds.map(({ port }) => port))).toEqual(new Set(nodes.map(({ port }) => port)))
    expect([masters.length, replicas.length]).toEqual([3, 3])
    expect(nodes[0]).toMatchObject({ host: '127.0.0.1', url: `redis://127.0.0.1:${nodes[0]?.port}`, failed: false })
  })

  it('says what it is', () => {
    expect(cluster).toMatchObject({ backend: 'binary' })
    expect(cluster.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(['redis', 'valkey']).toContain(cluster.product)
  })

  it('is one that clients of a cluster understand', async () => {
    const client = cluster.client()
    for (const key of ['a', 'b', 'c', 'd']) await client.set(key, key, 'EX', 60)
    for (const key of ['a', 'b', 'c', 'd']) {
      const node = await cluster.masterOf(key)
      const direct = cluster.nodeClient(node)
      expect(await direct.get(key)).toBe(key)
      expect(await direct.cluster('KEYSLOT', key)).toBe(cluster.slotOf(key))
    }
    const other = cluster.nodes.find(({ role, slots }) => role === 'master' && slots.every(([, to]) => to < 10_000))
    expect(other).toBeDefined()
    const direct = await failFastClient(other?.url ?? '')
    const { port } = await cluster.masterOf('a')
    await expect(direct.get('a')).rejects.toThrow(`MOVED 15495 127.0.0.1:${port}`)
    direct.disconnect()
  })

  it('has replicas that hold what their masters do', async () => {
    await cluster.client().set('key', 'value', 'EX', 60)
    const master = await cluster.masterOf('key')
    const replica = cluster.nodes.find(({ masterId }) => masterId === master.id)
    const client = cluster.nodeClient(replica ?? master, { readOnly: true })
    const direct = cluster.nodeClient(master)
    await direct.set('key', 'other', 'EX', 60)
    expect(await direct.wait(1, 5_000)).toBe(1)
    expect(await client.get('key')).toBe('other')
  })

  it('passes arguments on, keeps nothing on disk and listens on loopback only', async () => {
    for (const node of cluster.nodes) {
      const client = cluster.nodeClient(node)
      expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', String(64 * 1024 * 1024)])
      expect(await client.config('GET', 'save')).toEqual(['save', ''])
      expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1'])
      expect(await client.config('GET', 'cluster-node-timeout')).toEqual(['cluster-node-timeout', '5000'])
    }
  })

  it('refuses a node of another cluster', async () => {
    expect(() => cluster.nodeClient({ id: 'x' })).toThrow('this is no node of the cluster')
    await expect(cluster.partition({ id: 'x' })).rejects.toThrow('this is no node of the cluster')
  })

  it('says what is amiss when it is not whole in time', async () => {
    const node = await cluster.masterOf('a')
    const client = cluster.nodeClient(node)
    await client.call('CLUSTER', 'DELSLOTS', 15_495)
    await expect(cluster.settled({ within: 100 })).rejects.toThrow(
      new RegExp(`not within 100 ms:[^]*127.0.0.1:${node.port} knows masters of 16383 of 16384 slots`),
    )
    await client.call('CLUSTER', 'ADDSLOTS', 15_495)
    await cluster.settled()
  })

  it('keeps a node that is needed', async () => {
    const { id, port } = await cluster.masterOf('key')
    await expect(cluster.removeNode({ id })).rejects.toThrow(
      `127.0.0.1:${port} still has slots, which reshard() moves, and replicas`,
    )
  })

  it('leaves no server, no folder and no client behind after stop(), which may be called again', async () => {
    const folders: string[] = []
    for (const node of cluster.nodes)
      folders.push(String(Object(await cluster.nodeClient(node).config('GET', 'dir'))[1]))
    expect(folders.map(existsSync)).toEqual(Array(6).fill(true))
    const client = cluster.client()
    await client.set('key', 'value', 'EX', 60)
    await cluster.stop()
    await cluster.stop()
    expect(folders.map(existsSync)).toEqual(Array(6).fill(false))
    for (const { url } of cluster.nodes) await expect(failFastClient(url)).rejects.toThrow('Connection is closed.')
    expect(['close', 'end']).toContain(client.status)
  })
})

describe('RealRedisCluster.start()', () => {
  it.each([
    [{ masters: 0 }, '"masters" must be a whole number of at least 1'],
    [{ replicas: 0.5 }, '"replicas" must be a whole number of at least 0'],
    [{ nodeTimeout: 1 }, '"nodeTimeout" must be a whole number of at least 100'],
  ])('refuses %j', async (options, message) => {
    await expect(RealRedisCluster.start({ backend: 'binary', ...options })).rejects.toThrow(message)
  })

  it('takes no server of somebody else', async () => {
    await withEnvironment({ AGENT_MEMORY_TEST_BACKEND: 'url' }, async () => {
      await expect(RealRedisCluster.start()).rejects.toThrow(
        `RealRedisCluster starts servers of its own, { backend: 'binary' } or { backend: 'docker' }`,
      )
    })
  })

  it('says what to do when there is no server to start', async () => {
    const none = {
      PATH: '',
      AGENT_MEMORY_TEST_BACKEND: undefined,
      AGENT_MEMORY_TEST_REDIS_BINARY: undefined,
      AGENT_MEMORY_TEST_REDIS_VERSION: undefined,
      AGENT_MEMORY_TEST_REDIS_IMAGE: '127.0.0.1:1/none:1',
    }
    await withEnvironment(none, async () => {
      await expect(RealRedisCluster.start()).rejects.toThrow(
        'RealRedisCluster finds no server to start: install redis-server, or start Docker',
      )
    })
  })

  it('says what a server said that does not start', async () => {
    await expect(
      RealRedisCluster.start({ backend: 'binary', masters: 1, replicas: 0, args: ['--no-such-option', '1'] }),
    ).rejects.toThrow(/did not start: it ended at once:[^]*no-such-option/)
  })
})
