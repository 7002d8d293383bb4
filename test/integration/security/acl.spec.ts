import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Test } from '@nestjs/testing'
import {
  AgentMemoryHealthIndicator,
  getMemoryToken,
  MemoryModule,
  MemoryService,
  type AgentSession,
  type ConnectionOptions,
} from 'nestjs-agent-memory'
import { describeWithRedis, RealRedisCluster, type RealRedis } from 'nestjs-agent-memory/testing'
import type { Cluster, Redis } from 'ioredis'
import { sessionKey } from '../../../lib/redis/keys.js'
import { poll } from '../../support/poll.js'
import { claimed } from '../../support/claims.js'
import { testKey } from '../../support/keys.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { classified, closeAll, errorOf, onClose, printed } from '../faults/classification-rows.js'

const USER = 'agent-memory'
const PASSWORD = 'of-the-user'

/** As it stands in the documentation. */
const documented = (start: string): string[] => {
  const text = readFileSync('docs/security.md', 'utf8')
  const block = text.split('```').find((part) => part.trim().startsWith(start))
  if (block === undefined) throw new Error(`no rule begins with ${start}`)
  return block.trim().split(/\s+/)
}
/** Without `ACL SETUSER agent-memory on >password`. */
const RULES = documented('ACL SETUSER').slice(5)
const OF_CLUSTERS = documented('+cluster|slots')
const OF_REPLICAS = documented('+evalsha_ro')
const COMMANDS = RULES.filter((rule) => rule.startsWith('+'))

const user = (content: string) => ({ role: 'user', content }) as const

/** An application with its memories, under the user. */
const open = async (connection: ConnectionOptions) => {
  const module = await Test.createTestingModule({
    imports: [
      MemoryModule.forRoot({ connection, serialization: { encryption: { current: 'k', keys: { k: testKey(1) } } } }),
      MemoryModule.forFeature('billing'),
      MemoryModule.forFeature('brief', { session: { ttl: '50ms', maxAge: '50ms' } }),
    ],
  })
    .setLogger(new RecordingLogger())
    .compile()
  onClose(() => module.close())
  await module.init()
  return {
    memory: module.get<MemoryService>(MemoryService),
    billing: module.get<MemoryService>(getMemoryToken('billing')),
    brief: module.get<MemoryService>(getMemoryToken('brief')),
    health: module.get(AgentMemoryHealthIndicator),
  }
}

type Application = Awaited<ReturnType<typeof open>>

/** Every method of a session and its parts, on a session there is and on one there is not. */
const everyCall = async (session: AgentSession, server: Redis | Cluster, namespace = 'memory'): Promise<void> => {
  const { state, summary } = session
  await session.messages()
  await session.info()
  await session.append([user('0'), user('1')], { operationId: 'again' })
  await session.append([user('0'), user('1')], { operationId: 'again' })
  const { version } = (await session.append(user('2'))) as { version: string }
  await session.messages({ last: 2 })
  await session.context()
  await session.info()
  await session.touch()
  await state.set({ a: { c: 1 }, b: 2 })
  await state.set({ b: 3 }, { ttl: '1m' })
  await state.patch({ a: { b: 1 } })
  await state.get()
  await state.value('a')
  await state.delete(['a'])
  await summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
  await summary.get()
  await session.withLock(async ({ fence }) => {
    await session.append(user('3'), { fence })
  })
  await session.reencrypt()
  // Records that cannot be read.
  await session.append([user('4'), user('5')])
  const { messages } = await session.messages()
  const key = sessionKey({ namespace, tenant: session.tenant, sessionId: session.id })
  for (const { seq } of messages.slice(-2)) await server.hset(key, `m:${seq}`, 'broken')
  await state.set({ c: 1 })
  await server.hset(key, 's:c', 'broken')
  const quarantine = await session.quarantine()
  const [first, ...others] = quarantine.records
  await quarantine.repair(first!, user('mended'))
  for (const other of others) await quarantine.drop(other)
  const held = await claimed<number>(session)
  await held.answer(1)
  const other = await claimed(session, { key: 'given up' })
  await other.release()
  await session.clear()
  await session.append(user('4'))
  await session.delete()
  // The summary outlives it.
  await session.append(user('5'))
  await session.context()
  await session.delete()
}

const everything = async ({ memory, billing, brief, health }: Application, server: Redis): Promise<void> => {
  await everyCall(memory.session(randomUUID()), server)
  await everyCall(billing.session(randomUUID(), { tenant: 'a tenant', userId: 'a user' }), server, 'memory.billing')
  // One that is over before its lock, which is renewed without what is left of it.
  const over = brief.session(randomUUID())
  await over.append(user('0'))
  const key = sessionKey({ namespace: 'memory.brief', tenant: undefined, sessionId: over.id })
  await over.withLock(({ signal }) => poll(async () => signal.aborted || (await server.hlen(key)) === 2), {
    ttl: '1s',
  })
  const checked = JSON.stringify(await health.isHealthy())
  expect(checked).not.toContain('"down"')
  const session = memory.session(randomUUID())
  await session.append(user('0'))
  // A server that has forgotten the scripts, and a connection that is made again.
  await server.script('FLUSH')
  await session.messages()
  await server.script('FLUSH')
  await session.append(user('1'))
  await server.call('CLIENT', 'KILL', 'USER', USER)
  await session.append(user('2'))
  await session.delete()
}

/** What the server refused the user, as ACL LOG tells. */
const refused = async (server: Redis): Promise<string[]> => {
  const entries = (await server.call('ACL', 'LOG', '1000')) as unknown[][]
  return entries.map((entry) => {
    const texts = entry.map(String)
    return `${texts[texts.indexOf('reason') + 1]}: ${texts[texts.indexOf('object') + 1]}`
  })
}

const setUser = async (server: Redis, rules: readonly string[]): Promise<void> => {
  await server.call('ACL', 'SETUSER', USER, 'reset', 'on', `>${PASSWORD}`, ...rules)
  await server.call('ACL', 'LOG', 'RESET')
}

const connectionTo = ({ host, port }: RealRedis): ConnectionOptions => ({
  host,
  port,
  username: USER,
  password: PASSWORD,
  // Redis 7.0 has no CLIENT SETINFO, whose right it could not give.
  disableClientInfo: true,
})

afterEach(closeAll)

describeWithRedis(
  'the rights of the user',
  (redis) => {
    let server: Redis
    beforeAll(() => {
      server = redis.client()
    })

    it('are enough for all there is', async () => {
      await setUser(server, RULES)
      await everything(await open(connectionTo(redis)), server)
      expect(await refused(server)).toEqual([])
    })

    it.each(COMMANDS)('are too few without %s', async (command) => {
      await setUser(server, [...RULES, command.replace('+', '-')])
      const outcome = await everything(await open(connectionTo(redis)), server).then(
        () => 'all was done',
        (error: Error) => error.message,
      )
      const log = await refused(server)
      expect({ outcome, log }).toEqual({ outcome: expect.anything(), log: expect.arrayContaining([expect.anything()]) })
      expect(log).toEqual(expect.arrayContaining([expect.stringContaining(command.slice(1))]))
    })

    it.each(RULES.filter((rule) => rule.startsWith('~')))('do not reach both memories without %s', async (pattern) => {
      await setUser(
        server,
        RULES.filter((rule) => rule !== pattern),
      )
      const error = await errorOf(everything(await open(connectionTo(redis)), server))
      expect(error).toMatchObject({ code: 'PERMISSION_DENIED', retryable: false, executed: 'no' })
      expect(error.message).toBe(
        'Redis denied access (NOPERM): the key pattern of the user does not cover the keys of this memory',
      )
    })

    describe('are told to be missing, when', () => {
      it.each<[string, readonly string[], string, RegExp]>([
        [
          'the password is wrong',
          [...RULES, `>another`, `<${PASSWORD}`],
          'WRONGPASS',
          /is not known or is off, or its p/,
        ],
        ['the user is off', [...RULES, 'off'], 'WRONGPASS', /is not known or is off/],
        ['the key pattern is another', [...RULES, 'resetkeys', '~other:*'], 'NOPERM', /the key pattern of the user/],
        ['a command is missing', [...RULES, '-evalsha'], 'NOPERM', /the user may not run evalsha/],
        [
          'a command of a script is missing',
          [...RULES, '-hset'],
          'NOPERM',
          /a command that a script needs|may not run hset/,
        ],
      ])('%s', async (_, rules, word, message) => {
        await setUser(server, rules)
        const tested = await classified(connectionTo(redis), 'a text', 'memory')
        const error = await errorOf(tested.append())
        expect(error).toMatchObject({ code: 'PERMISSION_DENIED', retryable: false })
        expect(error.message).toMatch(new RegExp(`^Redis denied access \\(${word}\\): `))
        expect(error.message).toMatch(message)
        expect(printed(error)).not.toContain(PASSWORD)
      })
    })
  },
  { standalone: 'what one server lets a user do', backend: 'binary' },
)

describeWithRedis(
  'the rights of the user in a cluster',
  () => {
    let cluster: RealRedisCluster
    let servers: Redis[]
    beforeAll(async () => {
      cluster = await RealRedisCluster.start({ masters: 2, replicas: 0, backend: 'binary' })
      servers = cluster.nodes.map((node) => cluster.nodeClient(node))
    }, 60_000)
    afterAll(() => cluster.stop())

    const all = async (rules: readonly string[]): Promise<string[]> => {
      for (const server of servers) await setUser(server, rules)
      const redisOptions = { username: USER, password: PASSWORD, disableClientInfo: true }
      const { memory } = await open({ cluster: { nodes: [...cluster.seeds], options: { redisOptions } } })
      const outcome = await (async () => {
        for (const id of ['one', 'two', 'three', 'four']) {
          await everyCall(memory.session(`${id}-${randomUUID()}`), cluster.client())
        }
        // Its slot has no other key, and is open while its only one is at its new place.
        const moved = memory.session(randomUUID())
        await moved.append(user('0'))
        const key = sessionKey({ namespace: 'memory', tenant: undefined, sessionId: moved.id })
        const from = await cluster.masterOf(key)
        const to = (await cluster.topology()).find((node) => node.id !== from.id)!
        const move = await cluster.reshard({ slots: key, to, stopAfter: 1 })
        onClose(() => move.restore())
        await moved.append(user('1'))
        await moved.delete()
      })().then(
        () => [],
        (error: Error) => [`${error.message} (${String(error.cause)})`],
      )
      const logs = await Promise.all(servers.map(refused))
      return [...outcome, ...logs.flat()]
    }

    it('are enough for all there is', async () => {
      expect(await all([...RULES, ...OF_CLUSTERS])).toEqual([])
    })

    it.each(OF_CLUSTERS)('are too few without %s', async (command) => {
      const found = await all([...RULES, ...OF_CLUSTERS, command.replace('+', '-')])
      expect(found).toEqual(expect.arrayContaining([expect.stringContaining(command.slice(1))]))
    })
  },
  { standalone: 'what one server lets a user do', backend: 'binary' },
)

describeWithRedis(
  'the rights of the user on replicas',
  () => {
    let cluster: RealRedisCluster
    let servers: Redis[]
    beforeAll(async () => {
      cluster = await RealRedisCluster.start({ masters: 1, replicas: 1, backend: 'binary' })
      servers = cluster.nodes.map((node) => cluster.nodeClient(node, { readOnly: true }))
    }, 60_000)
    afterAll(() => cluster.stop())

    /** Reads from a replica that was told of no script, and takes the place of its master then. */
    const all = async (rules: readonly string[]): Promise<{ stale: boolean; log: readonly string[] }> => {
      for (const server of servers) await setUser(server, rules)
      const redisOptions = { username: USER, password: PASSWORD, disableClientInfo: true }
      const { memory } = await open({ cluster: { nodes: [...cluster.seeds], options: { redisOptions } } })
      const session = memory.session(randomUUID())
      await session.append(user('0'))
      const key = sessionKey({ namespace: 'memory', tenant: undefined, sessionId: session.id })
      await poll(async () => (await Promise.all(servers.map((server) => server.exists(key)))).every(Boolean))
      await session.messages({ readFrom: 'replica' })
      for (const server of servers) await server.script('FLUSH')
      // One that was refused is left alone for a moment.
      const refusals = (await Promise.all(servers.map(refused))).flat()
      const { stale } = await session.messages({ readFrom: 'replica' })
      await cluster.failover(key)
      await session.append(user('1'))
      await cluster.settled()
      return { stale, log: [...refusals, ...(await Promise.all(servers.map(refused))).flat()] }
    }

    it('are enough', async () => {
      expect(await all([...RULES, ...OF_CLUSTERS, ...OF_REPLICAS])).toEqual({ stale: true, log: [] })
    }, 30_000)

    it.each(OF_REPLICAS)(
      'are too few without %s',
      async (command) => {
        const { stale, log } = await all([...RULES, ...OF_CLUSTERS, ...OF_REPLICAS, command.replace('+', '-')])
        expect(log).toEqual(expect.arrayContaining([expect.stringContaining(command.slice(1))]))
        expect(stale).toBe(command === '+readwrite')
      },
      30_000,
    )
  },
  { standalone: 'what one server lets a user do', backend: 'binary' },
)
