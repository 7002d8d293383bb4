import { describe, expect, it } from '@jest/globals'
import type { AgentSession } from 'nestjs-agent-memory'
import { RealRedisCluster, RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory } from '../../support/quiet-memory.js'
import { succeeds } from '../../support/succeeds.js'

const NAMESPACE = 'durability'
const hello = { role: 'user', content: 'hello' } as const
const REPLICATED = { stored: 'replicated', replicas: 1 }
const ONLY_HERE = { stored: 'redis', replicas: 0 }

const keyOf = ({ id }: AgentSession): string => sessionKey({ namespace: NAMESPACE, tenant: undefined, sessionId: id })
const isReplicated = async (session: AgentSession): Promise<boolean> =>
  (await session.append(hello).catch(() => undefined))?.stored === 'replicated'

describe('durability on more than one server', () => {
  it('asks each master of a cluster for its own replicas, and says nothing of one for what another stored', async () => {
    await using cluster = await RealRedisCluster.start({ backend: 'binary', masters: 3, replicas: 1 })
    await using quiet = await openQuietMemory({
      connection: { cluster: { nodes: cluster.seeds } },
      namespace: NAMESPACE,
      durability: { replicas: 1, timeout: '500ms' },
    })
    const sessions = Array.from({ length: 24 }, (_, index) => quiet.memory.session(`s${index}`))
    await Promise.all(sessions.map((session) => poll(() => isReplicated(session))))
    const masters = (await cluster.topology()).filter(({ role }) => role === 'master')
    const waits = await Promise.all(masters.map((node) => cluster.nodeClient(node).info('commandstats')))
    expect(waits.map((info) => /^cmdstat_wait:calls=\d+/m.test(info))).toEqual([true, true, true])

    // One master without its replica.
    const home = await cluster.masterOf(keyOf(sessions[0]!))
    const others: AgentSession[] = []
    const alone: AgentSession[] = []
    for (const session of sessions) {
      const { id } = await cluster.masterOf(keyOf(session))
      if (id === home.id) alone.push(session)
      else others.push(session)
    }
    expect(others.length).toBeGreaterThan(0)
    const replica = (await cluster.topology()).find(({ masterId }) => masterId === home.id)!
    const cut = await cluster.partition(replica)
    const told = await Promise.all(
      sessions.map(async (session) => ({ session, result: await session.append(hello, { operationId: 'cut' }) })),
    )
    expect(told.filter(({ session }) => alone.includes(session)).map(({ result }) => result)).toEqual(
      alone.map(() => expect.objectContaining(ONLY_HERE)),
    )
    expect(told.filter(({ session }) => others.includes(session)).map(({ result }) => result)).toEqual(
      others.map(() => expect.objectContaining(REPLICATED)),
    )
    await cut.restore()
    await cluster.settled()

    // A session that was moved, while its slot belongs to another one still: nobody speaks for it.
    const moving = alone[0]!
    const to = (await cluster.topology()).find(({ role, id }) => role === 'master' && id !== home.id)!
    const slots = [cluster.slotOf(keyOf(moving))]
    const move = await cluster.reshard({ slots, to, stopAfter: 0 })
    await poll(async () => (await cluster.nodeClient(home).keys(`${keyOf(moving)}:wait`)).length === 0)
    await move.goOn({ stopAfter: 1 })
    expect(move).toMatchObject({ movedKeys: 1, finished: false })
    // Asked for together with others, whose slots stay.
    for (let time = 0; time < 3; time++) {
      const [moved, ...stayed] = await Promise.all(alone.map((session) => session.append(hello)))
      expect(moved).toMatchObject(ONLY_HERE)
      expect(stayed).toEqual(stayed.map(() => expect.objectContaining(REPLICATED)))
    }
    expect(await cluster.nodeClient(to).exists(keyOf(moving)).catch(String)).toMatch(/MOVED|ASK/)
    await move.goOn()
    await poll(() => isReplicated(moving))

    // After a failover, the new master is asked; it has no replica until the former one is back.
    const killed = await cluster.killMaster(keyOf(alone[1]!))
    await poll(() => succeeds(alone[1]!.append(hello)))
    expect(await alone[1]!.append(hello)).toMatchObject({ stored: 'redis', replicas: 0 })
    await killed.restore()
    await cluster.settled()
    await poll(() => isReplicated(alone[1]!))
  }, 120_000)

  it('asks the master that the sentinels name, and the next one after a failover', async () => {
    await using sentinel = await RealRedisSentinel.start({ backend: 'binary', replicas: 2 })
    await using quiet = await openQuietMemory({
      connection: { sentinel: { name: sentinel.name, sentinels: sentinel.sentinels } },
      namespace: NAMESPACE,
      durability: { replicas: 1, timeout: '500ms' },
    })
    const session = quiet.memory.session('s')
    await poll(() => isReplicated(session))
    const { master } = await sentinel.failover()
    await poll(() => isReplicated(session))
    expect(await sentinel.master()).not.toEqual(master)
    const waits = await sentinel.serverClient(await sentinel.master()).info('commandstats')
    expect(waits).toMatch(/^cmdstat_wait:calls=\d+/m)
  }, 120_000)
})
