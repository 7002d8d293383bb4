import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Redis } from 'ioredis'
import type { AgentSession, MemoryModuleOptions, WriteUnderReplicatedEvent } from 'nestjs-agent-memory'
import { expectNoImmortalKeys, FaultProxy } from 'nestjs-agent-memory/testing'
import { askReplicas } from '../../../lib/redis/replication/ask-replicas.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { startReplicated, type ReplicatedServers } from '../../support/replicated-pair.js'
import { storing, type StoringSession } from '../../support/storing-memory.js'
import { eventsOf } from '../../support/events-of.js'
import { succeeds } from '../../support/succeeds.js'
import { useTelemetry } from '../../support/use-telemetry.js'

const hello = { role: 'user', content: 'hello' } as const
const REPLICATED = { stored: 'replicated', replicas: 1 }
const ONLY_HERE = { stored: 'redis', replicas: 0 }

let servers: ReplicatedServers
let namespaces = 0
const open = (options: Partial<MemoryModuleOptions> = {}): Promise<QuietMemory> =>
  openQuietMemory({
    connection: { url: servers.master.url },
    namespace: `durable-${++namespaces}`,
    durability: { replicas: 1, timeout: '400ms' },
    ...options,
  })
const newSession = (quiet: QuietMemory): StoringSession => storing(quiet.memory).session(`s${++namespaces}`)
const connectionsOf = async (client: Redis): Promise<number> =>
  String(await client.client('LIST')).split('name=agent-memory').length - 1
const summaryOf = async (session: AgentSession) => {
  const { version } = await session.messages()
  return { text: 'so far', coversSeq: 1, replaces: null, basedOn: version }
}

describe('what a write says of replicas', () => {
  const telemetry = useTelemetry()
  beforeAll(async () => {
    servers = await startReplicated(1)
  })
  beforeEach(async () => {
    await servers.proxy.restore()
    await servers.inSync(1)
  })
  afterAll(async () => {
    await servers[Symbol.asyncDispose]()
  })

  it('says nothing without durability', async () => {
    await using quiet = await open({ durability: undefined })
    const result = await newSession(quiet).append(hello)
    expect(result).toMatchObject({ stored: 'redis' })
    expect(result).not.toHaveProperty('replicas')
    expect(await connectionsOf(servers.master.client())).toBe(1)
  })

  it('says it of appends, writes to state and summaries, whether a replica has them or not', async () => {
    await using quiet = await open({ durability: { timeout: '100ms' } })
    for (const expected of [REPLICATED, ONLY_HERE]) {
      if (expected === ONLY_HERE) servers.proxy.blackhole()
      const session = newSession(quiet)
      expect(await session.append(hello)).toMatchObject({ ...expected, duplicate: false })
      expect(await session.state.set({ a: 1 })).toMatchObject({ ...expected, versions: { a: expect.any(String) } })
      expect(await session.state.patch({ a: { b: 1 } })).toMatchObject(expected)
      expect(await session.state.delete(['a'])).toMatchObject(expected)
      expect(await session.summary.commit(await summaryOf(session))).toMatchObject({ ...expected, outlives: true })
      expect(Object.keys(await session.clear())).toEqual(['version', 'duplicate'])
      expect(await session.delete()).toBe(true)
    }
  })

  it('asks anew for a write that had been stored before', async () => {
    await using quiet = await open({ durability: { timeout: '100ms' } })
    const session = newSession(quiet)
    servers.proxy.blackhole()
    const again = () => session.append(hello, { operationId: 'once' })
    expect(await again()).toMatchObject({ ...ONLY_HERE, duplicate: false })
    expect(await again()).toMatchObject({ ...ONLY_HERE, duplicate: true })
    await servers.proxy.restore()
    await servers.inSync(1)
    expect(await again()).toMatchObject({ ...REPLICATED, duplicate: true })
  })

  it('says that nothing is replicated where there was nothing to store, and tells of no shortage', async () => {
    await using quiet = await open()
    const events = await eventsOf('under-replicated', async () => {
      expect(await newSession(quiet).state.delete(['none'])).toMatchObject({
        stored: 'redis',
        version: '0',
        replicas: 0,
      })
    })
    expect(events).toEqual([])
  })

  it('tells of each write that too few replicas have, with how many, and goes on', async () => {
    await using quiet = await open({ durability: { replicas: 2, timeout: '500ms' } })
    const session = newSession(quiet)
    const events = await eventsOf<WriteUnderReplicatedEvent>('under-replicated', async () => {
      expect(await session.append(hello, { operationId: 'first' })).toMatchObject({ stored: 'redis', replicas: 1 })
    })
    const memory = `durable-${namespaces - 1}`
    expect(events).toEqual([
      { memory, sessionId: session.id, tenant: undefined, operationId: 'first', replicas: 1, wanted: 2 },
    ])
    expect(await telemetry.count('agent_memory.under_replicated', { 'agent_memory.namespace': memory })).toBe(1)
  })

  it('holds a write up no longer than the timeout, and the deadline of its call', async () => {
    await using quiet = await open({ durability: { timeout: '300ms' } })
    await using hasty = await open({ durability: { timeout: '300ms' }, resilience: { deadline: '120ms' } })
    for (const memory of [quiet, hasty]) await poll(() => succeeds(newSession(memory).append(hello)))
    servers.proxy.blackhole()
    for (const [memory, atLeast, atMost] of [
      [quiet, 290, 600],
      [hasty, 0, 280],
    ] as const) {
      const began = performance.now()
      expect(await newSession(memory).append(hello)).toMatchObject(ONLY_HERE)
      expect(performance.now() - began).toBeGreaterThan(atLeast)
      expect(performance.now() - began).toBeLessThan(atMost)
    }
  })

  it('does not take what the server answers of earlier writes for an answer about later ones', async () => {
    const client = servers.master.client()
    const question = { keys: ['k'], markIn: 'k', isOfCluster: false, wanted: 1, within: 200 }
    expect((await askReplicas(client, question)).replicas).toBe(1)
    servers.proxy.blackhole()
    await servers.master.client().set('later', '', 'PX', 10_000)
    expect((await askReplicas(client, question)).replicas).toBe(0)
    await servers.proxy.restore()
    await poll(async () => (await askReplicas(client, question)).replicas === 1)
  })

  it('leaves a mark that is gone after a second, and no key for ever', async () => {
    await using quiet = await open()
    const session = newSession(quiet)
    await session.append(hello)
    const client = servers.master.client()
    const marks = async (): Promise<string[]> => client.keys(`am:*:${session.id}}:wait`)
    const [mark] = await marks()
    expect(mark).toBeDefined()
    expect(await client.pttl(mark!)).toBeGreaterThan(0)
    await expectNoImmortalKeys(servers.master)
    await poll(async () => (await marks()).length === 0, 3_000)
  })

  it('stores writes all the same while the connection that asks hangs or dies, and is back with it', async () => {
    await using proxy = await FaultProxy.before(servers.master)
    await using quiet = await open({ connection: { url: proxy.url }, durability: { timeout: '100ms' } })
    const session = newSession(quiet)
    expect(await session.append(hello)).toMatchObject(REPLICATED)
    for (const fault of ['blackhole', 'cut-before', 'drop-reply'] as const) {
      const hung = proxy.on({ command: 'WAIT' }, fault)
      const began = performance.now()
      const result = await session.append(hello)
      expect(performance.now() - began).toBeLessThan(500)
      expect(result.stored).toMatch(/^(redis|replicated)$/)
      expect(hung.hits).toBe(1)
      await proxy.restore()
      await poll(async () => (await session.append(hello)).stored === 'replicated')
    }
  })

  it('does not confirm what a run of the server stored that is over', async () => {
    await using own = await startReplicated(1)
    await using proxy = await FaultProxy.before(own.master)
    await using quiet = await open({
      connection: { url: proxy.url },
      durability: { timeout: '8s' },
      resilience: { deadline: '10s' },
    })
    const session = newSession(quiet)
    await session.append(hello)
    const held = proxy.on({ command: 'WAIT' }, 'cut-before')
    const appending = session.append(hello, { operationId: 'lost' })
    await poll(() => held.hits === 1)
    // It comes back without the write, and its replica follows it.
    await own.master.kill()
    await own.master.restart({ keepData: true })
    const began = performance.now()
    expect(await appending).toMatchObject(ONLY_HERE)
    expect(performance.now() - began).toBeLessThan(7_000)
    await own.inSync(1)
    await poll(async () => (await newSession(quiet).append(hello)).stored === 'replicated')
  })

  it('gives those who wait half a second when the application closes, and leaves no connection', async () => {
    const client = servers.master.client()
    const before = await connectionsOf(client)
    const quiet = await open({ durability: { timeout: '2s' } })
    await newSession(quiet).append(hello)
    expect(await connectionsOf(client)).toBe(before + 2)
    servers.proxy.blackhole()
    const began = performance.now()
    const appending = newSession(quiet).append(hello)
    await poll(async () => (await client.exists(...(await client.keys(`am:{durable-${namespaces - 2}:*}`)))) === 2)
    await quiet.app.close()
    expect(await appending).toMatchObject(ONLY_HERE)
    expect(performance.now() - began).toBeLessThan(1_500)
    await poll(async () => (await connectionsOf(client)) === before)
  })
})
