import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Redis } from 'ioredis'
import type { MemoryModuleOptions } from 'nestjs-agent-memory'
import { HistoryChecker, RealRedisCluster, type ClusterNode, type NodeFault } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { sessionWhere } from '../../chaos/failover/shard.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { DEADLINE, inSync, PART, readsOf, REPLICA, SOON, timed } from '../../support/replica-reads.js'
import { storing, type StoringMemory, type StoringSession } from '../../support/storing-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const
const NAMESPACE = `replicas-${randomUUID()}`

const keyOf = ({ id }: { readonly id: string }): string =>
  sessionKey({ namespace: NAMESPACE, tenant: undefined, sessionId: id })

/** Of the messages behind the first two. */
const idsOf = ({ messages }: { readonly messages: readonly { readonly content: unknown }[] }): string[] =>
  messages.map(({ content }) => String(content)).slice(2)

describe('reads from the replicas of a cluster', () => {
  let cluster: RealRedisCluster
  const opened: QuietMemory[] = []
  beforeAll(async () => {
    // Longer than any test: a node that is cut off answers as before.
    cluster = await RealRedisCluster.start({ backend: 'binary', masters: 1, replicas: 2, nodeTimeout: 10_000 })
  }, 60_000)
  afterEach(async () => {
    await restoreAll()
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]()
  }, 60_000)
  afterAll(() => cluster.stop())

  const open = async (options: Partial<MemoryModuleOptions> = {}): Promise<StoringMemory> => {
    const { resilience, ...others } = options
    const one = await openQuietMemory({
      connection: cluster.connection,
      namespace: NAMESPACE,
      resilience: { deadline: DEADLINE, ...resilience },
      ...others,
    })
    opened.push(one)
    // Of a cluster that was not asked yet, no replica is known.
    await one.memory.session('none').info()
    return storing(one.memory)
  }
  const nodes = async (role: ClusterNode['role']): Promise<ClusterNode[]> =>
    (await cluster.topology()).filter((node) => node.role === role)
  const clients = async (role: ClusterNode['role']): Promise<Redis[]> =>
    (await nodes(role)).map((node) => cluster.nodeClient(node, { readOnly: role === 'replica' }))
  const inStep = async (session: { readonly id: string }): Promise<void> => {
    const [master] = await clients('master')
    await inSync(master!, await clients('replica'), keyOf(session))
  }
  const readsOfAll = async (role: ClusterNode['role']): Promise<number[]> =>
    Promise.all((await clients(role)).map(readsOf))
  const faults: NodeFault[] = []
  const restoreAll = async (): Promise<void> => {
    if (faults.length === 0) return
    for (const fault of faults.splice(0).toReversed()) await fault.restore()
    await cluster.settled()
  }
  const cutOffReplicas = async (): Promise<void> => {
    for (const node of await nodes('replica')) faults.push(await cluster.partition(node))
  }
  const pauseMaster = async (session: { readonly id: string }): Promise<void> => {
    faults.push(await cluster.pauseMaster(keyOf(session)))
  }
  const written = async (memory: StoringMemory): Promise<StoringSession> => {
    const session = memory.session(randomUUID())
    await session.append([user('1'), user('2')])
    await session.state.set({ city: 'Rome' })
    await inStep(session)
    return session
  }

  it('are answered by all of them alike, and marked; without the option, by the master', async () => {
    const session = await written(await open())
    const [masterBefore] = await readsOfAll('master')
    const before = await readsOfAll('replica')
    const fresh = await session.context()
    expect(await readsOfAll('replica')).toEqual(before)
    const { version } = fresh
    expect(fresh.stale).toBe(false)
    const { stale, staleMs, ...context } = await session.context(REPLICA)
    expect({ stale, staleMs }).toEqual({ stale: true, staleMs: undefined })
    expect(context).toMatchObject({ messages: fresh.messages, state: { city: 'Rome' }, version, omitted: 0 })
    expect(await session.messages({ last: 1, ...REPLICA })).toEqual({
      messages: fresh.messages.slice(1),
      version,
      stale: true,
      corrupt: [],
    })
    expect(await session.state.get(REPLICA)).toMatchObject({ values: { city: 'Rome' }, stale: true })
    expect(await session.info(REPLICA)).toMatchObject({ exists: true, count: 2, version, stale: true })
    expect(await session.info({ readFrom: 'master' })).toMatchObject({ exists: true, count: 2, version, stale: false })
    for (let read = 0; read < 36; read++) expect(await session.messages(REPLICA)).toMatchObject({ stale: true })
    const reads = (await readsOfAll('replica')).map((count, index) => count - before[index]!)
    // The first of each may be answered with NOSCRIPT.
    expect(reads[0]! + reads[1]!).toBeGreaterThanOrEqual(40)
    for (const count of reads) expect(count).toBeGreaterThan(5)
    expect(await readsOfAll('master')).toEqual([masterBefore])
  })

  it('show what a replica has while the master has more, and teach this process nothing', async () => {
    const writer = await open()
    const session = await written(writer)
    const reader = await open({ resilience: { onOutage: 'stale' } })
    const [seen, unseen] = [reader.session(session.id), reader.session((await written(writer)).id)]
    await cutOffReplicas()
    await session.append(user('3'))
    await session.state.set({ city: 'Oslo' })
    expect((await seen.messages()).messages).toHaveLength(3)
    expect((await seen.messages(REPLICA)).messages).toHaveLength(2)
    expect(await seen.state.get(REPLICA)).toMatchObject({ values: { city: 'Rome' }, stale: true })
    expect(await seen.state.get()).toMatchObject({ values: { city: 'Oslo' }, stale: false })
    expect(await seen.info(REPLICA)).toMatchObject({ count: 2, stale: true })
    expect(await seen.context(REPLICA)).toMatchObject({ state: { city: 'Rome' }, stale: true })
    expect((await unseen.messages(REPLICA)).messages).toHaveLength(2)
    // Who writes after it writes at the end.
    expect((await seen.append(user('4'))).messages).toMatchObject([{ seq: 4 }])
    expect((await seen.messages(REPLICA)).messages).toHaveLength(2)

    // The copies for outages are of what the master answered.
    await pauseMaster(session)
    const copy = await seen.messages()
    expect(copy).toMatchObject({ stale: true, staleMs: expect.any(Number) })
    expect(copy.messages).toHaveLength(4)
    await expect(unseen.messages()).rejects.toMatchObject({ executed: 'no' })
    // While it is away, a replica answers.
    const { answer, ms } = await timed(() => seen.messages(REPLICA))
    expect(answer).toMatchObject({ stale: true, messages: [{ content: '1' }, { content: '2' }] })
    expect(answer).not.toHaveProperty('staleMs')
    expect(ms).toBeLessThan(PART)
    await restoreAll()
    await poll(() =>
      reader
        .session(session.id)
        .messages()
        .then(({ stale }) => !stale),
    )
    expect(reader.status().lostSessions).toBe(0)
  }, 60_000)

  it('are no ground for saying that a session was lost, or that its records are broken', async () => {
    const session = await written(await open())
    const reader = await open()
    const [master] = await clients('master')
    const record = await master!.hget(keyOf(session), 'm:2')
    await master!.hset(keyOf(session), 'm:2', 'broken')
    await poll(async () => (await reader.session(session.id).messages(REPLICA)).corrupt.length === 1)
    expect(reader.status().corruptRecords).toBe(0)
    expect((await reader.session(session.id).messages()).corrupt).toHaveLength(1)
    expect(reader.status().corruptRecords).toBe(1)
    await master!.hset(keyOf(session), 'm:2', record!)

    const other = await open()
    for (const read of ['messages', 'info'] as const)
      await poll(async () => (await other.session(session.id)[read](REPLICA)).stale)
    await master!.unlink(keyOf(session))
    // As a process that never saw it.
    expect(await other.session(session.id).messages()).toMatchObject({ messages: [], version: '0', stale: false })
    expect(other.status().lostSessions).toBe(0)
    await expect(reader.session(session.id).messages()).rejects.toMatchObject({ code: 'LOST' })
  })

  it('are never answered as if by the master while no master is there', async () => {
    const memory = await open({ resilience: { breaker: false } })
    const session = await written(memory)
    await pauseMaster(session)
    const stale = await session.messages(REPLICA)
    expect(stale).toMatchObject({ stale: true })
    // Until its connection is given up, and after that.
    for (let call = 0; call < 4; call++) {
      await expect(session.messages()).rejects.toMatchObject({ executed: 'no' })
      await expect(session.summary.get()).rejects.toMatchObject({ executed: 'no' })
    }
    await expect(session.append(user('3'))).rejects.toMatchObject({
      code: expect.stringMatching(/TIMEOUT|UNAVAILABLE/),
    })
    await restoreAll()
    await poll(async () => (await session.messages().catch(() => undefined))?.stale === false)
    await session.append(user('3'))
  }, 60_000)

  it('do not extend the life of a session', async () => {
    const session = await written(await open({ session: { ttl: '20s' } }))
    const [master] = await clients('master')
    const before = await master!.pexpiretime(keyOf(session))
    // More than the hundredth of the ttl after which a use counts.
    await poll(async () => (await master!.pttl(keyOf(session))) < 19_700)
    for (const read of ['messages', 'context', 'info'] as const)
      expect(await session[read](REPLICA)).toMatchObject({ stale: true })
    expect(await session.state.get(REPLICA)).toMatchObject({ stale: true })
    expect(await master!.pexpiretime(keyOf(session))).toBe(before)
    await session.messages()
    expect(await master!.pexpiretime(keyOf(session))).toBeGreaterThan(before)
  })

  it('are answered by the master where a replica does not know the session, or who asks has no right to it', async () => {
    const memory = await open()
    await cutOffReplicas()
    const before = await readsOfAll('replica')
    const session = memory.session(randomUUID(), { userId: 'ada' })
    await session.append(user('1'))
    for (const read of ['messages', 'context'] as const)
      expect(await session[read](REPLICA)).toMatchObject({ messages: [{ content: '1' }], stale: false })
    expect(await session.info(REPLICA)).toMatchObject({ exists: true, stale: false })
    const asked = (await readsOfAll('replica')).map((count, index) => count - before[index]!)
    expect(asked[0]! + asked[1]!).toBeGreaterThanOrEqual(3)
    await restoreAll()
    await inStep(session)
    expect(await session.messages(REPLICA)).toMatchObject({ stale: true })
    await expect(memory.session(session.id, { userId: 'bob' }).messages(REPLICA)).rejects.toMatchObject({
      code: 'SESSION_NOT_FOUND',
    })
    expect(await memory.session('none').info(REPLICA)).toEqual({ exists: false, version: '0', stale: false })
  }, 60_000)

  it('need no script that the master was told of', async () => {
    const session = await written(await open())
    await session.messages(REPLICA)
    const replicas = await clients('replica')
    for (const replica of replicas) await replica.script('FLUSH', 'SYNC')
    for (let read = 0; read < 10; read++) expect(await session.messages(REPLICA)).toMatchObject({ stale: true })
    const stats = await Promise.all(replicas.map((replica) => replica.info('errorstats')))
    expect(stats.join()).toContain('errorstat_NOSCRIPT')
  })

  it('are whole, also where they take several answers', async () => {
    const memory = await open()
    const session = memory.session(randomUUID())
    const text = 'x'.repeat(100_000)
    for (let count = 0; count < 3; count++) await session.append(Array.from({ length: 10 }, () => user(text)))
    await inStep(session)
    const [fresh, seen] = [await session.messages(), await session.messages(REPLICA)]
    expect(seen).toMatchObject({ stale: true, version: fresh.version })
    expect(seen.messages).toEqual(fresh.messages)
  })

  it('are answered by the master when all replicas hang, soon, and at once while they are left alone', async () => {
    // After half of it, the client gives up connections that are silent.
    const deadline = 2 * DEADLINE
    const memory = await open({ resilience: { deadline, breaker: { failures: 1 }, retry: { attempts: 0 } } })
    const session = await written(memory)
    await session.messages(REPLICA)
    const replicas = await clients('replica')
    for (const replica of replicas) await replica.client('PAUSE', 4_000, 'ALL')
    const times: number[] = []
    for (let read = 0; read < 12; read++) {
      const { answer, ms } = await timed(() => session.messages(REPLICA))
      expect(answer).toMatchObject({ stale: false, messages: [{ content: '1' }, { content: '2' }] })
      expect(ms).toBeLessThan(2 * PART + SOON)
      times.push(ms)
    }
    const waited = times.filter((ms) => ms >= 2 * PART)
    expect(waited.length).toBeGreaterThanOrEqual(1)
    expect(waited.length).toBeLessThanOrEqual(4)
    expect(memory.status()).toMatchObject({ breaker: 'closed', inFlight: 0 })
    await poll(async () => (await session.messages(REPLICA)).stale)
  })

  it('are answered by the master when there is no replica any more, and by one that comes back', async () => {
    const memory = await open()
    const session = await written(memory)
    await session.messages(REPLICA)
    const gone = await nodes('replica')
    for (const node of gone)
      await cluster
        .nodeClient(node)
        .call('SHUTDOWN', 'NOSAVE')
        .catch(() => undefined)
    for (let read = 0; read < 5; read++) {
      const { answer, ms } = await timed(() => session.messages(REPLICA))
      expect(answer).toMatchObject({ stale: false, messages: [{ content: '1' }, { content: '2' }] })
      expect(ms).toBeLessThan(PART + SOON)
    }
    for (const node of gone) await cluster.restartNode(node, { keepData: true })
    await cluster.settled()
    await poll(async () => (await session.messages(REPLICA)).stale)
  }, 60_000)

  it('go on after a failover, from the former master as well', async () => {
    const memory = await open()
    const session = await written(memory)
    const former = await cluster.masterOf(keyOf(session))
    await cluster.failover(keyOf(session))
    expect((await cluster.masterOf(keyOf(session))).id).not.toBe(former.id)
    await session.append(user('3'))
    await inStep(session)
    const replica = cluster.nodeClient(former)
    const before = await readsOf(replica)
    await poll(async () => {
      expect((await session.messages(REPLICA)).messages).toHaveLength(3)
      return (await readsOf(replica)) > before
    })
    expect(await session.messages()).toMatchObject({ stale: false })
  }, 60_000)

  it('are old and say so: a HistoryChecker finds what does not say it', async () => {
    const session = await written(await open())
    const reader = (await open()).session(session.id)
    const [marked, unmarked] = [new HistoryChecker(), new HistoryChecker()]
    await cutOffReplicas()
    for (const checker of [marked, unmarked]) {
      const id = checker === marked ? '3' : '4'
      const from = checker === marked ? 0 : 1
      await checker.write({ writer: 'w', session: session.id, id }, () => session.append(user(id)))
      const call = async () => {
        const { stale, ...answer } = await reader.messages(REPLICA)
        expect(stale).toBe(true)
        return checker === marked ? { stale, ...answer } : answer
      }
      await checker.read(session.id, call, (answer) => idsOf(answer).slice(from))
      await checker.read(
        session.id,
        () => reader.messages(),
        (answer) => idsOf(answer).slice(from),
      )
    }
    const standing = idsOf(await session.messages())
    marked.verify([[session.id, standing.slice(0, 1)]]).expectClean()
    expect(unmarked.verify([[session.id, standing.slice(1)]]).staleAsFresh).toHaveLength(1)
  }, 60_000)

  it('wait for writes of this process that are still to be made', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'agent-memory-journal-'))
    const reader = await openQuietMemory({
      connection: cluster.connection,
      namespace: NAMESPACE,
      resilience: { deadline: DEADLINE, onOutage: 'journal', journal: { directory } },
    })
    const session = await written(await open())
    const own = reader.memory.session(session.id)
    await own.messages()
    await pauseMaster(session)
    expect(await own.append(user('3'))).toMatchObject({ stored: 'journal' })
    const answer = await own.messages(REPLICA)
    expect(answer).toMatchObject({ stale: true, staleMs: expect.any(Number) })
    expect(answer.messages.map(({ content }) => content)).toEqual(['1', '2', '3'])
    await restoreAll()
    await poll(async () => (await session.messages()).messages.length === 3)
    await reader[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  }, 60_000)
})

describe('reads from the replicas of a cluster of several masters', () => {
  let cluster: RealRedisCluster
  let opened: QuietMemory
  beforeAll(async () => {
    cluster = await RealRedisCluster.start({ backend: 'binary', masters: 2, replicas: 1 })
    opened = await openQuietMemory({ connection: cluster.connection, namespace: NAMESPACE })
  }, 60_000)
  afterAll(async () => {
    await opened[Symbol.asyncDispose]()
    await cluster.stop()
  })

  it('are answered by those that have the session', async () => {
    const masters = await cluster.masters()
    for (const { id, slots } of masters) {
      const session = opened.memory.session(
        sessionWhere(NAMESPACE, 'of-one', (slot) => slots.some(([from, to]) => from <= slot && slot <= to)),
      )
      await session.append(user('1'))
      const replica = (await cluster.topology()).find(({ masterId }) => masterId === id)
      const server = cluster.nodeClient(replica!, { readOnly: true })
      await poll(() => server.exists(keyOf(session)))
      const before = await readsOf(server)
      for (let read = 0; read < 20; read++)
        expect(await session.messages(REPLICA)).toMatchObject({ stale: true, messages: [{ content: '1' }] })
      expect(await readsOf(server)).toBeGreaterThanOrEqual(before + 20)
    }
  })
})
