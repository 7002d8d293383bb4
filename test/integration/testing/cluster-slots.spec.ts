import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RealRedisCluster, type ClusterNode } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { outcome } from '../../support/outcome.js'

const KEYS = ['{chat}1', '{chat}2', '{chat}3', '{chat}4']

describe('the slots of a cluster of our own', () => {
  let cluster: RealRedisCluster
  beforeAll(async () => {
    cluster = await RealRedisCluster.start({ backend: 'binary', replicas: 0, nodeTimeout: 5_000 })
    for (const key of KEYS) await cluster.client().set(key, key, 'EX', 600)
  })
  afterAll(() => cluster.stop())

  const otherMaster = async (node: ClusterNode): Promise<ClusterNode> => {
    const other = (await cluster.topology()).find(({ id, role }) => role === 'master' && id !== node.id)
    if (other === undefined) throw new Error('there is no other master')
    return other
  }

  it('are opened, moved key by key and handed over: ASK and TRYAGAIN on the way, MOVED at the end', async () => {
    const from = await cluster.masterOf('{chat}')
    const to = await otherMaster(from)
    const client = await failFastClient(from.url)
    const looking = cluster.client()
    await using move = await cluster.reshard({ slots: '{chat}', to, stopAfter: 2 })
    expect(move).toMatchObject({ movedKeys: 2, finished: false })
    expect((await cluster.masterOf('{chat}')).id).toBe(from.id)

    const slot = cluster.slotOf('{chat}')
    const answers = await Promise.all(KEYS.map((key) => outcome(client.get(key))))
    expect(answers.filter((answer) => answer === `ASK ${slot} 127.0.0.1:${to.port}`)).toHaveLength(2)
    expect(answers.filter((answer) => KEYS.includes(String(answer)))).toHaveLength(2)
    expect(await outcome(client.mget(...KEYS))).toMatch(/^TRYAGAIN /)
    // Clients of a cluster follow, and write what is new where the slot goes.
    expect(await Promise.all(KEYS.map((key) => looking.get(key)))).toEqual(KEYS)
    await looking.set('{chat}5', '{chat}5', 'EX', 600)
    expect(await outcome(client.get('{chat}5'))).toBe(`ASK ${slot} 127.0.0.1:${to.port}`)

    await move.goOn({ stopAfter: 1 })
    expect(move).toMatchObject({ movedKeys: 3, finished: false })
    await move.goOn()
    expect(move).toMatchObject({ movedKeys: 4, finished: true })
    expect((await cluster.masterOf('{chat}')).id).toBe(to.id)
    expect(await outcome(client.get('{chat}1'))).toBe(`MOVED ${slot} 127.0.0.1:${to.port}`)

    await move.restore()
    await move.restore()
    expect((await cluster.masterOf('{chat}')).id).toBe(from.id)
    expect(await Promise.all([...KEYS, '{chat}5'].map((key) => outcome(client.get(key))))).toEqual([...KEYS, '{chat}5'])
    client.disconnect()
  })

  it('can be left open without a key moved, and given back', async () => {
    const from = await cluster.masterOf('{chat}')
    const to = await otherMaster(from)
    const client = await failFastClient(from.url)
    const move = await cluster.reshard({ slots: '{chat}', to, stopAfter: 0 })
    expect(move).toMatchObject({ movedKeys: 0, finished: false })
    expect(await outcome(client.get('{chat}1'))).toBe('{chat}1')
    expect(await outcome(client.get('{chat}none'))).toMatch(/^ASK /)
    await move.restore()
    expect((await cluster.masterOf('{chat}')).id).toBe(from.id)
    expect(await outcome(client.get('{chat}none'))).toBeNull()
    client.disconnect()
  })

  it('go to a node that is added, while the cluster is in use, and leave it before it is removed', async () => {
    const looking = cluster.client()
    const added = await cluster.addNode()
    expect(added).toMatchObject({ role: 'master', slots: [], failed: false })
    expect(cluster.seeds).toContainEqual({ host: '127.0.0.1', port: added.port })

    const load = { on: true, count: 0 }
    const counting = async (): Promise<void> => {
      while (load.on) load.count = await looking.incr('{chat}count')
    }
    const counted = counting()
    const first = cluster.slotOf('{chat}')
    const move = await cluster.reshard({ slots: [first - 2, first - 1, first, first + 1], to: added })
    expect((await cluster.masterOf('{chat}')).id).toBe(added.id)
    expect((await cluster.topology()).find(({ id }) => id === added.id)?.slots).toEqual([[first - 2, first + 1]])
    await expect(cluster.removeNode(added)).rejects.toThrow(/still has slots, which reshard\(\) moves$/)
    await move.restore()
    load.on = false
    await counted
    expect(load.count).toBeGreaterThan(0)
    expect(await looking.get('{chat}count')).toBe(String(load.count))

    // A master that gave all its slots away may have become a replica of who got them.
    await cluster.removeNode(added)
    expect((await cluster.topology()).map(({ id }) => id)).not.toContain(added.id)
    await expect(failFastClient(added.url)).rejects.toThrow('Connection is closed.')
    await cluster.settled()
  })
})
