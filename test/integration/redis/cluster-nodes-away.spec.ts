import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RealRedisCluster } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { ErrorStats } from '../../chaos/error-stats.js'
import { sessionWhere } from '../../chaos/failover/shard.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { succeeds } from '../../support/succeeds.js'

const user = (content: string) => ({ role: 'user', content }) as const
const NAMESPACE = `away-${randomUUID()}`
const keyOf = (sessionId: string): string => sessionKey({ namespace: NAMESPACE, tenant: undefined, sessionId })

describe('nodes of a cluster that are away for a while', () => {
  let cluster: RealRedisCluster
  let quiet: QuietMemory
  beforeAll(async () => {
    cluster = await RealRedisCluster.start({ backend: 'binary', masters: 3, replicas: 0, nodeTimeout: 1_000 })
    quiet = await openQuietMemory({
      connection: { cluster: { nodes: [...cluster.seeds] } },
      namespace: NAMESPACE,
      // What was on the connection when it ended is repeated once.
      resilience: { deadline: '12s', retry: { attempts: 1 } },
    })
  })
  afterAll(async () => {
    await quiet[Symbol.asyncDispose]()
    await cluster.stop()
  })

  it('are waited for, also by those of the others, who refuse everything meanwhile', async () => {
    const nodes = await cluster.topology()
    const [gone, other] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
    const ids = nodes.map(({ slots }, index) =>
      sessionWhere(NAMESPACE, `s-${index}`, (slot) => slots.some(([from, to]) => from <= slot && slot <= to)),
    )
    const sessions = ids.map((id) => quiet.memory.session(id))
    await poll(() => succeeds(Promise.all(sessions.map((session) => session.info()))))
    for (const session of sessions) await session.append([user('0'), user('1')])
    await cluster.nodeClient(gone).save()

    const down = async (): Promise<number> => {
      const stats = new ErrorStats()
      await stats.collect(cluster.nodeClient(other))
      return stats.counts.get('CLUSTERDOWN') ?? 0
    }
    const before = await down()
    const fault = await cluster.killMaster(keyOf(ids[0]!))
    expect(fault.node.id).toBe(gone.id)
    const early = sessions[0]!.append(user('2'))
    // The others refuse everything while one part of the slots is with nobody.
    const late = poll(async () => {
      await Promise.all(sessions.slice(1).map((session) => session.append(user('more'))))
      return (await down()) > before
    })
    await poll(async () => (await down()) > before)
    await fault.restore()
    await Promise.all([early, late])
    const contents = (await sessions[0]!.messages()).messages.map(({ content }) => content)
    expect(contents).toEqual(['0', '1', '2'])
    expect(quiet.memory.status()).toMatchObject({ lostSessions: 0, breaker: 'closed' })
  }, 60_000)

  it('are looked at before any of many calls, when they started anew with an older state', async () => {
    const [{ slots, ...node }] = (await cluster.topology()) as [Awaited<ReturnType<typeof cluster.topology>>[0]]
    let cycles = 0
    const cycle = async () => {
      cycles += 1
      const sessions = Array.from({ length: 20 }, (_, index) =>
        quiet.memory.session(
          sessionWhere(NAMESPACE, `many-${cycles}-${index}`, (slot) =>
            slots.some(([from, to]) => from <= slot && slot <= to),
          ),
        ),
      )
      await Promise.all(sessions.map((session) => session.append(user('0'))))
      await cluster.nodeClient(node).save()
      const since = performance.now()
      await Promise.all(sessions.map((session) => session.append(user('1'))))
      const fault = await cluster.killMaster(keyOf(sessions[0]!.id))
      const calls = sessions.map((session, index) => (index % 2 === 0 ? session.messages() : session.append(user('2'))))
      await fault.restore()
      return { found: await Promise.allSettled(calls), took: performance.now() - since }
    }
    // Longer than that, nothing is kept that a server without replicas acknowledged.
    const { found } = await poll(async () => {
      const done = await cycle()
      return done.took < 4_500 ? done : undefined
    }, 50_000)
    expect(found).toMatchObject(
      found.map((_, index) => ({
        status: 'fulfilled',
        value: { messages: index % 2 === 0 ? [{ content: '0' }, { content: '1' }] : [{ seq: 3 }] },
      })),
    )
  }, 60_000)

  it('let nothing that was called later come before what waits for its slot', async () => {
    const session = quiet.memory.session('in-order')
    await session.append(user('first'))
    const key = keyOf(session.id)
    const owner = cluster.nodeClient(await cluster.masterOf(key))
    const stats = new ErrorStats()
    const calls: Promise<string | undefined>[] = []
    // None of them is awaited before the next.
    const call = (content: string) =>
      session.append(user(content)).then(
        () => content,
        () => undefined,
      )
    for (let time = 0; time < 10; time++) {
      for (let index = 0; index < 30; index++) {
        if (index === 10) await owner.call('CLUSTER', 'DELSLOTS', cluster.slotOf(key))
        if (index === 15) await owner.call('CLUSTER', 'ADDSLOTS', cluster.slotOf(key))
        calls.push(call(`${time}-${index}`))
        await new Promise(setImmediate)
      }
      await Promise.all(calls)
    }
    await stats.collect(owner)
    expect(stats.counts.get('CLUSTERDOWN')).toBeGreaterThan(0)
    const acknowledged = (await Promise.all(calls)).filter((content) => content !== undefined)
    expect(acknowledged.length).toBeGreaterThan(100)
    const stored = (await session.messages({ last: 400 })).messages.map(({ content }) => content)
    expect(stored).toEqual(['first', ...acknowledged])
  }, 60_000)

  it('are not waited for by an application that closes', async () => {
    const closing = await openQuietMemory({
      connection: { cluster: { nodes: [...cluster.seeds] } },
      namespace: NAMESPACE,
      resilience: { deadline: '30s' },
    })
    const session = closing.memory.session('closing')
    await poll(() => succeeds(session.info()))
    const fault = await cluster.killMaster(keyOf(session.id))
    try {
      const read = session.messages().catch((error: unknown) => error)
      const began = performance.now()
      await closing[Symbol.asyncDispose]()
      expect(performance.now() - began).toBeLessThan(6_000)
      expect(await read).toMatchObject({ code: 'SHUTDOWN', executed: 'no' })
    } finally {
      await fault.restore()
    }
  }, 60_000)
})
