import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { MemoryModuleOptions } from 'nestjs-agent-memory'
import { FaultProxy, RealRedisCluster, type ClusterNode } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import type { TurnSession } from '../../../lib/session/turn-session.interface.js'
import { sessionWhere, slotOfSession } from '../../chaos/failover/shard.js'
import { ErrorStats } from '../../chaos/error-stats.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { storing, type StoringMemory } from '../../support/storing-memory.js'
import { succeeds } from '../../support/succeeds.js'

const user = (content: string) => ({ role: 'user', content }) as const
const NAMESPACE = `cluster-${randomUUID()}`
const keyOf = (sessionId: string): string => sessionKey({ namespace: NAMESPACE, tenant: undefined, sessionId })

/** As long as what is measured lasts, and shorter than what it is held against. */
const SOON = 500

const timed = async (call: () => Promise<unknown>): Promise<number> => {
  const since = performance.now()
  await call()
  return performance.now() - since
}

describe('the connection to a cluster', () => {
  let cluster: RealRedisCluster
  const opened: QuietMemory[] = []
  beforeAll(async () => {
    cluster = await RealRedisCluster.start({
      backend: 'binary',
      nodeTimeout: 2_000,
      args: ['--cluster-require-full-coverage', 'no'],
    })
  })
  afterAll(async () => {
    for (const one of opened) await one[Symbol.asyncDispose]()
    await cluster.stop()
  })

  const open = async (options: Partial<MemoryModuleOptions> = {}): Promise<StoringMemory> => {
    const connection = { cluster: { nodes: [...cluster.seeds] } }
    const one = await openQuietMemory({ connection, namespace: NAMESPACE, ...options })
    opened.push(one)
    return storing(one.memory)
  }
  const masters = async (): Promise<ClusterNode[]> =>
    (await cluster.topology()).filter(({ role, slots }) => role === 'master' && slots.length > 0)
  const sessionsOnEach = async (name: string): Promise<string[]> =>
    (await masters()).map(({ slots }, index) =>
      sessionWhere(NAMESPACE, `${name}-${index}`, (slot) => slots.some(([from, to]) => from <= slot && slot <= to)),
    )
  const answered = async (node: Pick<ClusterNode, 'id'>, word: string): Promise<number> => {
    const stats = new ErrorStats()
    await stats.collect(cluster.nodeClient(node))
    return stats.counts.get(word) ?? 0
  }

  it('is refused to a client of one node, which is told what to configure', async () => {
    const [node] = await masters()
    const memory = await open({ connection: { url: node!.url } })
    await expect(memory.session('plain').append(user('hello'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      retryable: false,
      executed: 'no',
      message: expect.stringContaining('{ cluster: { nodes: [{ host, port }] } }'),
    })
  })

  it('reaches nodes that announce other addresses than they have from here', async () => {
    const nodes = await cluster.topology()
    const proxies = await Promise.all(nodes.map((node) => FaultProxy.before(node)))
    const natMap = Object.fromEntries(
      nodes.map(({ host, port }, index) => {
        const { port: near } = new URL(proxies[index]!.url)
        return [`${host}:${port}`, { host: '127.0.0.1', port: Number(near) }]
      }),
    )
    const seed = Object.values(natMap)[0]!
    const memory = await open({ connection: { cluster: { nodes: [seed], options: { natMap } } } })
    const sessions = await sessionsOnEach('mapped')
    for (const id of sessions) await memory.session(id).append(user('1'))
    // After MOVED as well.
    const [first = '', second = ''] = sessions
    const from = await cluster.masterOf(keyOf(first))
    const before = await answered(from, 'MOVED')
    await using move = await cluster.reshard({ slots: keyOf(first), to: await cluster.masterOf(keyOf(second)) })
    expect(move.movedKeys).toBe(1)
    await memory.session(first).append(user('2'))
    expect((await memory.session(first).messages()).messages).toHaveLength(2)
    expect(await answered(from, 'MOVED')).toBeGreaterThan(before)
    for (const proxy of proxies) await proxy.close()
  })

  it('follows a slot that moves slowly, call by call: ASK and TRYAGAIN are no error', async () => {
    const memory = await open({ resilience: { retry: { attempts: 20, maxDelay: '50ms', budget: 1 } } })
    const [id = '', other = ''] = await sessionsOnEach('moving')
    const slot = slotOfSession(NAMESPACE, id)
    const beside = sessionWhere(NAMESPACE, 'beside', (one) => one === slot)
    const from = await cluster.masterOf(keyOf(id))
    const to = await cluster.masterOf(keyOf(other))
    const asked = await answered(from, 'ASK')
    const session = memory.session(id)
    await session.append(user('before'))

    const move = await cluster.reshard({ slots: [slot], to, stopAfter: 0 })
    await session.append(user('open, and still there'))
    await memory.session(beside).append(user('new, so it is where the slot goes'))
    await move.goOn({ stopAfter: 1 })
    expect(move).toMatchObject({ movedKeys: 1, finished: false })
    await session.append(user('moved, and the slot is open'))
    await session.state.set({ a: 1 })
    expect(await answered(from, 'ASK')).toBeGreaterThan(asked)
    // Two keys, of which the new node has one: it says to try again until the slot is its own.
    const again = await answered(to, 'TRYAGAIN')
    const claiming = (session as unknown as TurnSession).claimTurn(user('turn'), {
      key: 'turn',
      wait: 0,
      keepFor: 60_000,
    })
    await poll(async () => (await answered(to, 'TRYAGAIN')) > again)

    await move.goOn()
    expect(move.finished).toBe(true)
    expect((await claiming).state).toBe('claimed')
    await session.append(user('after'))
    expect((await session.messages()).messages.map(({ content }) => content)).toEqual([
      'before',
      'open, and still there',
      'moved, and the slot is open',
      'after',
    ])
    expect((await memory.session(beside).messages()).messages).toHaveLength(1)
    await move.restore()
    await session.append(user('back'))
  })

  it('keeps calls to other nodes at full speed while one hangs, and forgets it when another one has its slots', async () => {
    const memory = await open({
      resilience: { deadline: '800ms', retry: { attempts: 0 }, breaker: { failures: 3, openFor: '30s' } },
    })
    const [hung = '', ...others] = await sessionsOnEach('hanging')
    const key = keyOf(hung)
    for (const id of [hung, ...others]) await memory.session(id).append(user('0'))
    const former = await cluster.masterOf(key)
    await using fault = await cluster.pauseMaster(key)
    const calls = { underWay: 3 }
    const errors = Array.from({ length: calls.underWay }, () =>
      memory
        .session(hung)
        .messages()
        .catch((error: unknown) => error)
        .finally(() => calls.underWay--),
    )
    const longest: number[] = []
    while (calls.underWay > 0)
      for (const id of others) longest.push(await timed(() => memory.session(id).append(user('meanwhile'))))
    expect(longest.length).toBeGreaterThan(10)
    expect(Math.max(...longest)).toBeLessThan(SOON)
    for (const error of await Promise.all(errors)) expect(error).toMatchObject({ executed: 'no', retryable: true })
    await poll(async () => {
      await memory
        .session(hung)
        .messages()
        .catch(() => undefined)
      return memory.status().breaker === 'open'
    })
    for (const id of others) await memory.session(id).append(user('with a breaker open'))

    await poll(async () => (await cluster.masterOf(key)).id !== former.id)
    await poll(() => succeeds(memory.session(hung).append(user('1'))))
    // The one that hangs does so still: it is no longer asked.
    await poll(() => memory.status().breaker === 'closed')
    await fault.restore()
    await cluster.settled()
  })

  it('says that a part of the cluster is down, and that it may be repeated, within the deadline', async () => {
    const nodes = await masters()
    const [gone, ...others] = nodes
    const memory = await open({ resilience: { deadline: '1s' } })
    const ids = nodes.map(({ slots: [[from, to] = [0, 0]] }, index) =>
      sessionWhere(NAMESPACE, `down-${index}`, (slot) => from <= slot && slot <= to),
    )
    for (const id of ids) await memory.session(id).append(user('0'))
    // Nobody takes the place of the master that is killed, and then nobody serves anything.
    const replicas = (await cluster.topology()).filter(({ masterId }) => masterId === gone!.id)
    for (const replica of replicas)
      await cluster.nodeClient(replica).config('SET', 'cluster-replica-no-failover', 'yes')
    for (const node of others) await cluster.nodeClient(node).config('SET', 'cluster-require-full-coverage', 'yes')
    await using fault = await cluster.killMaster(keyOf(ids[0]!))
    const whole = memory.session(ids[1]!)
    await poll(async () => !(await succeeds(whole.info())))
    const since = performance.now()
    await expect(whole.append(user('1'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      executed: 'no',
      retryable: true,
      message: expect.stringContaining('CLUSTERDOWN'),
    })
    expect(performance.now() - since).toBeLessThan(1_000 + SOON)
    expect(await answered(others[0]!, 'CLUSTERDOWN')).toBeGreaterThan(0)
    for (const replica of replicas) await cluster.nodeClient(replica).config('SET', 'cluster-replica-no-failover', 'no')
    await fault.restore()
    await poll(() => succeeds(whole.append(user('2'))))
  })
})
