import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readServerInfo } from '../../../lib/testing/real-redis/server-info.js'
import { RealRedisCluster, type ClusterNode } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { outcome } from '../../support/outcome.js'
import { poll } from '../../support/poll.js'

const NODE_TIMEOUT_MS = 1_000

/** Writes it on the master of its slot, and waits until the replica has it. */
const store = async (cluster: RealRedisCluster, key: string, value: string): Promise<ClusterNode> => {
  const node = await cluster.masterOf(key)
  const direct = cluster.nodeClient(node)
  await direct.set(key, value, 'EX', 600)
  expect(await direct.wait(1, 5_000)).toBe(1)
  direct.disconnect()
  return node
}

const find = async (cluster: RealRedisCluster, { id }: ClusterNode): Promise<ClusterNode | undefined> =>
  (await cluster.topology()).find((node) => node.id === id)

const replicaOf = async (cluster: RealRedisCluster, { id }: ClusterNode): Promise<ClusterNode> => {
  const replica = (await cluster.topology()).find(({ masterId }) => masterId === id)
  if (replica === undefined) throw new Error('it has no replica')
  return replica
}

describe('a node of a cluster of our own', () => {
  let cluster: RealRedisCluster
  beforeAll(async () => {
    cluster = await RealRedisCluster.start({ backend: 'binary', nodeTimeout: NODE_TIMEOUT_MS })
  })
  afterAll(() => cluster.stop())

  it('failover(): a replica takes the place of the master, which follows it; restore() is the way back', async () => {
    const former = await store(cluster, 'key', 'value')
    await using fault = await cluster.failover('key')
    expect(fault.node.id).toBe(former.id)
    const master = await cluster.masterOf('key')
    expect(master.id).not.toBe(former.id)
    expect(await find(cluster, former)).toMatchObject({ role: 'replica', masterId: master.id, slots: [] })
    expect(await cluster.nodeClient(master).get('key')).toBe('value')
    const start = performance.now()
    await fault.restore()
    // What the other one was elected by must not count any more, or it would be taken for elected when this one dies.
    expect(performance.now() - start).toBeGreaterThan(NODE_TIMEOUT_MS)
    expect((await cluster.masterOf('key')).id).toBe(former.id)
    expect(await cluster.nodeClient(former).get('key')).toBe('value')
  })

  it('killMaster(): it is gone, a replica takes its place, and it follows that one when it is back', async () => {
    const former = await store(cluster, 'key', 'value')
    await using fault = await cluster.killMaster('key')
    expect(fault.node.id).toBe(former.id)
    await expect(failFastClient(former.url)).rejects.toThrow('Connection is closed.')
    await expect(cluster.killMaster('key')).rejects.toThrow(`killMaster(): 127.0.0.1:${former.port} is down`)
    await cluster.settled()
    const master = await cluster.masterOf('key')
    expect(master.id).not.toBe(former.id)
    expect(await find(cluster, former)).toMatchObject({ failed: true, slots: [] })
    expect(await cluster.client().get('key')).toBe('value')
    await fault.restore()
    await cluster.settled()
    expect(await find(cluster, former)).toMatchObject({ failed: false, role: 'replica', masterId: master.id })
  })

  it('pauseMaster(): it answers nothing, a replica takes its place, and it follows that one when it goes on', async () => {
    const former = await store(cluster, 'key', 'value')
    const client = await failFastClient(former.url, { commandTimeout: 100 })
    await using fault = await cluster.pauseMaster('key')
    expect(fault.node.id).toBe(former.id)
    expect(await outcome(client.get('key'))).toBe('Command timed out')
    client.disconnect()
    await cluster.settled()
    const master = await cluster.masterOf('key')
    expect(master.id).not.toBe(former.id)
    await fault.restore()
    await cluster.settled()
    expect(await find(cluster, former)).toMatchObject({ failed: false, role: 'replica', masterId: master.id })
  })

  it('partition() of a master: clients go on writing to it, alone, and lose that when it is back', async () => {
    const former = await store(cluster, 'key', 'before')
    const present = await failFastClient(former.url)
    await using fault = await cluster.partition(former)
    expect(fault.node.id).toBe(former.id)
    const fresh = await failFastClient(former.url)
    expect(await outcome(present.set('key', 'acknowledged, and lost'))).toBe('OK')
    expect(await fresh.get('key')).toBe('acknowledged, and lost')
    expect(await fresh.info('replication')).toContain('connected_slaves:0')
    expect(await fresh.wait(1, 50)).toBe(0)
    await expect(cluster.partition(former)).rejects.toThrow('is cut off')
    await expect(cluster.restartNode(former, { keepData: true })).rejects.toThrow('is cut off')
    await cluster.settled()
    expect((await cluster.masterOf('key')).id).not.toBe(former.id)
    expect(await cluster.client().get('key')).toBe('before')
    await poll(async () => String(await outcome(present.get('key'))).startsWith('CLUSTERDOWN '))
    await fault.restore()
    await cluster.settled()
    expect(await cluster.client().get('key')).toBe('before')
    expect(await fresh.ping()).toBe('PONG')
    expect((await find(cluster, former))?.failed).toBe(false)
    for (const client of [present, fresh]) client.disconnect()
  })

  it('partition() of a replica: it hears nothing any more, and its master loses it', async () => {
    const master = await store(cluster, 'key', 'before')
    const replica = await replicaOf(cluster, master)
    const client = await failFastClient(replica.url, { readOnly: true })
    await using fault = await cluster.partition(replica)
    const direct = cluster.nodeClient(master)
    await direct.set('key', 'after', 'EX', 600)
    expect(await direct.wait(1, 50)).toBe(0)
    expect(await client.get('key')).toBe('before')
    await poll(async () => (await find(cluster, replica))?.failed)
    await fault.restore()
    await cluster.settled()
    expect(await direct.wait(1, 5_000)).toBe(1)
    expect(await client.get('key')).toBe('after')
    client.disconnect()
  })

  it('restartNode(): a replica comes back empty under its name, and gets everything from its master', async () => {
    const master = await store(cluster, 'key', 'value')
    const replica = await replicaOf(cluster, master)
    await cluster.restartNode(replica, { keepData: false })
    await cluster.settled()
    expect(await find(cluster, replica)).toMatchObject({ role: 'replica', masterId: master.id, port: replica.port })
    expect(await cluster.nodeClient(replica, { readOnly: true }).get('key')).toBe('value')
  })

  it('restartNode(): a master comes back with what it held', async () => {
    const master = await store(cluster, 'key', 'value')
    const before = await readServerInfo(master.url)
    await cluster.restartNode(master, { keepData: true })
    expect((await readServerInfo(master.url)).processId).not.toBe(before.processId)
    await cluster.settled()
    expect(await cluster.client().get('key')).toBe('value')
  })

  it('stop() ends it also when parts are killed, paused and cut off', async () => {
    await cluster.pauseMaster('a')
    await cluster.killMaster('b')
    await cluster.partition(await cluster.masterOf('c'))
    const start = performance.now()
    await cluster.stop()
    expect(performance.now() - start).toBeLessThan(5_000)
    for (const { url } of cluster.nodes) await expect(failFastClient(url)).rejects.toThrow('Connection is closed.')
  })
})
