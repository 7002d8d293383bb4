import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { MemoryModuleOptions, OperationEvent } from 'nestjs-agent-memory'
import { RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { ErrorStats } from '../../chaos/error-stats.js'
import { eventsOf } from '../../support/events-of.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { DEADLINE, inSync, PART, readsOf, REPLICA, SOON, timed } from '../../support/replica-reads.js'
import { runTypeScript } from '../../support/run-typescript.js'
import { storing, type StoringMemory, type StoringSession } from '../../support/storing-memory.js'
import { useTelemetry } from '../../support/use-telemetry.js'

const user = (content: string) => ({ role: 'user', content }) as const
const NAMESPACE = `replicas-${randomUUID()}`

const keyOf = ({ id }: { readonly id: string }): string =>
  sessionKey({ namespace: NAMESPACE, tenant: undefined, sessionId: id })

/** How many connections of the module a server has. */
const countOf = async (server: Redis): Promise<number> =>
  String(await server.client('LIST')).split('name=agent-memory ').length - 1

/** Has a replica follow nobody who is there, and answer no reads then. */
const standAlone = async (replica: Redis): Promise<void> => {
  await replica.config('SET', 'replica-serve-stale-data', 'no')
  await replica.config('SET', 'masterauth', 'wrong', 'masteruser', 'nobody')
  await replica.call('CLIENT', 'KILL', 'TYPE', 'master')
  await poll(async () => (await replica.info('replication')).includes('link_status:down'))
}

/** How often servers said that a command may not be run. */
const denials = async (servers: readonly Redis[]): Promise<number> => {
  const stats = new ErrorStats()
  for (const server of servers) await stats.collect(server)
  return stats.counts.get('NOPERM') ?? 0
}

describe('reads from replicas that Sentinels know', () => {
  const telemetry = useTelemetry()
  let set: RealRedisSentinel
  const opened: QuietMemory[] = []
  beforeAll(async () => {
    set = await RealRedisSentinel.start({ backend: 'binary', replicas: 2 })
  }, 60_000)
  afterEach(async () => {
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]()
  })
  afterAll(() => set.stop())

  const open = async (options: Partial<MemoryModuleOptions> = {}): Promise<StoringMemory> => {
    const one = await openQuietMemory({
      connection: set.connection,
      namespace: NAMESPACE,
      resilience: { deadline: DEADLINE },
      ...options,
    })
    opened.push(one)
    return storing(one.memory)
  }
  const replicas = async (): Promise<Redis[]> => (await set.replicas()).map((server) => set.serverClient(server))
  const inStep = async (session: { readonly id: string }): Promise<void> =>
    inSync(set.serverClient(await set.master()), await replicas(), keyOf(session))
  const written = async (memory: StoringMemory): Promise<StoringSession> => {
    const session = memory.session(randomUUID())
    await session.append([user('1'), user('2')])
    await inStep(session)
    return session
  }
  const readsOfReplicas = async (): Promise<number> =>
    (await Promise.all((await replicas()).map(readsOf))).reduce((sum, reads) => sum + reads, 0)
  const connections = async (): Promise<number> =>
    (await Promise.all((await replicas()).map(countOf))).reduce((sum, count) => sum + count, 0)

  it('are told apart by spans, durations and events from those of the master, and from those without Redis', async () => {
    const memory = await open()
    const session = await written(memory)
    const events = await eventsOf<OperationEvent>('operation', async () => {
      await session.messages()
      await session.messages(REPLICA)
      await session.info(REPLICA)
    })
    expect(events.map(({ operation, replica, stale }) => [operation, replica, stale])).toEqual([
      ['messages', false, false],
      ['messages', true, false],
      ['info', true, false],
    ])
    expect(events[1]!.bytesRead).toBeGreaterThan(0)
    const spans = telemetry.spans().slice(-3)
    expect(spans.map(({ name, attributes }) => [name, attributes['agent_memory.replica']])).toEqual([
      ['messages', undefined],
      ['messages', true],
      ['info', true],
    ])
    const durations = (await telemetry.metrics()).find(({ descriptor }) => descriptor.name.endsWith('duration'))!
    const ofReplica = durations.dataPoints.filter(({ attributes }) => attributes['agent_memory.replica'] === true)
    expect(ofReplica.map(({ attributes }) => attributes['db.operation.name'])).toEqual(['messages', 'info'])
    expect(await telemetry.count('agent_memory.stale')).toBe(0)
  })

  it('are answered by one of them, over a connection that is made then, and ends with the application', async () => {
    const memory = await open()
    const session = await written(memory)
    expect(await session.messages()).toMatchObject({ stale: false })
    expect(await connections()).toBe(0)
    const before = await readsOfReplicas()
    expect(await session.messages(REPLICA)).toMatchObject({
      stale: true,
      messages: [{ content: '1' }, { content: '2' }],
    })
    expect(await session.context(REPLICA)).toMatchObject({
      stale: true,
      messages: [{ content: '1' }, { content: '2' }],
    })
    expect(await session.state.get(REPLICA)).toMatchObject({ stale: true, values: {} })
    expect(await session.info(REPLICA)).toMatchObject({ stale: true, count: 2 })
    expect(await readsOfReplicas()).toBeGreaterThanOrEqual(before + 4)
    expect(await connections()).toBe(1)
    const [last] = opened.splice(0)
    await last?.[Symbol.asyncDispose]()
    await poll(async () => (await connections()) === 0)
  })

  it('are also made by a duplicate of a client that the application hands in', async () => {
    const { sentinel } = set.connection
    const client = new Redis({ ...sentinel, sentinels: [...sentinel.sentinels], lazyConnect: true })
    const session = await written(await open({ connection: { client } }))
    expect(await session.messages(REPLICA)).toMatchObject({ stale: true })
    expect(client.status).toBe('wait')
  })

  it('leave nothing open that would keep the process', async () => {
    const { ended, firstLine, child } = runTypeScript('test/integration/replicas/scripts/read-and-close.ts', {
      CONNECTION: JSON.stringify(set.connection),
    })
    expect(await firstLine).toBe('true')
    child.stdin.end()
    expect(await ended).toEqual({ code: 0, stderr: '' })
  })

  it('are answered by the master while replicas hang, and by them when they do no longer', async () => {
    // After half of it, the client gives up connections that are silent.
    const session = await written(await open({ resilience: { deadline: 2 * DEADLINE } }))
    expect(await session.messages(REPLICA)).toMatchObject({ stale: true })
    for (const replica of await replicas()) await replica.client('PAUSE', 1_500, 'ALL')
    const times: number[] = []
    for (let read = 0; read < 10; read++) {
      const { answer, ms } = await timed(() => session.messages(REPLICA))
      expect(answer).toMatchObject({ stale: false, messages: [{ content: '1' }, { content: '2' }] })
      expect(ms).toBeLessThan(2 * PART + SOON)
      times.push(ms)
    }
    expect(times.filter((ms) => ms >= 2 * PART).length).toBeGreaterThanOrEqual(1)
    expect(times.filter((ms) => ms < 2 * PART).length).toBeGreaterThanOrEqual(8)
    await poll(async () => (await session.messages(REPLICA)).stale)
    await set.settled()
  })

  it('are answered by the master where a replica may not answer without it', async () => {
    const memory = await open()
    const session = await written(memory)
    await poll(async () => (await session.messages(REPLICA)).stale)
    const all = await replicas()
    const counts = await Promise.all(all.map(countOf))
    const asked = all[counts.indexOf(1)]
    await standAlone(asked!)
    // Another one is looked for.
    expect(await session.messages(REPLICA)).toMatchObject({ stale: false })
    await poll(async () => (await session.messages(REPLICA)).stale)
    for (const replica of all) if (replica !== asked) await standAlone(replica)
    await session.append(user('3'))
    for (let read = 0; read < 3; read++)
      expect((await session.messages(REPLICA)).messages.map(({ content }) => content)).toEqual(['1', '2', '3'])
    for (const replica of all) {
      await replica.config('SET', 'masterauth', '', 'masteruser', '')
      await replica.config('SET', 'replica-serve-stale-data', 'yes')
    }
    await set.settled()
    await inStep(session)
    await poll(async () => (await session.messages(REPLICA)).stale)
  }, 60_000)

  it('are answered by the master where the user may not run them on replicas, which is said once', async () => {
    const session = await written(await open())
    const all = await replicas()
    for (const replica of all) await replica.call('ACL', 'SETUSER', 'default', '-evalsha_ro', '-eval_ro')
    const logger = new RecordingLogger()
    const [{ app }] = opened as [QuietMemory]
    app.useLogger(logger)
    // It is asked again when it has been left alone for a moment.
    const before = await denials(all)
    let reads = 0
    await poll(async () => {
      for (const end = reads + 20; reads < end; reads++)
        expect(await session.messages(REPLICA)).toMatchObject({ stale: false })
      return (await denials(all)) >= before + 2
    })
    // Once a second.
    expect(await denials(all)).toBe(before + 2)
    expect(reads).toBeGreaterThan(20)
    app.useLogger(false)
    expect(logger.ofMemory).toEqual([
      expect.objectContaining({ level: 'warn', text: expect.stringMatching(/^replicas cannot be read.*NOPERM/) }),
    ])
    for (const replica of all) await replica.call('ACL', 'SETUSER', 'default', '+evalsha_ro', '+eval_ro')
    await poll(async () => (await session.messages(REPLICA)).stale)
  })

  it('go on after a failover, in which one of them has become the master', async () => {
    const memory = await open()
    const session = await written(memory)
    await poll(async () => (await session.messages(REPLICA)).stale)
    const former = await set.master()
    await set.failover()
    expect((await set.master()).port).not.toBe(former.port)
    await poll(async () =>
      session
        .append(user('3'))
        .then(() => true)
        .catch(() => false),
    )
    await set.settled()
    await inStep(session)
    const before = await readsOfReplicas()
    await poll(async () => {
      const { messages, stale } = await session.messages(REPLICA)
      expect(messages.length).toBeGreaterThanOrEqual(2)
      return stale && messages.length === 3 && (await readsOfReplicas()) > before
    })
    expect(await session.messages()).toMatchObject({ stale: false })
  }, 60_000)

  it('are answered by the master when no replica is left', async () => {
    const session = await written(await open())
    await poll(async () => (await session.messages(REPLICA)).stale)
    for (const replica of await replicas()) await replica.call('SHUTDOWN', 'NOSAVE').catch(() => undefined)
    for (let read = 0; read < 20; read++) {
      const { answer, ms } = await timed(() => session.messages(REPLICA))
      expect(answer).toMatchObject({ stale: false, messages: [{ content: '1' }, { content: '2' }] })
      expect(ms).toBeLessThan(PART + SOON)
    }
  })
})
