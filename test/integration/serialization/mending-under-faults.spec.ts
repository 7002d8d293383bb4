import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from '@jest/globals'
import { Test } from '@nestjs/testing'
import type { Redis } from 'ioredis'
import { MemoryModule, MemoryService, type AgentSession } from 'nestjs-agent-memory'
import { describeWithRedis, RealRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { storing, type StoringMemory } from '../../support/storing-memory.js'

const NAMESPACE = `faults-${randomUUID()}`
const SECRET = 'the passport number is X1234567'

const attempts = (session: AgentSession): [string, () => Promise<unknown>][] => [
  ['reencrypt', () => session.reencrypt()],
  [
    'repair',
    async () => {
      const quarantine = await session.quarantine()
      return quarantine.repair(quarantine.records[0]!, { role: 'user', content: SECRET })
    },
  ],
  [
    'drop',
    async () => {
      const quarantine = await session.quarantine()
      return quarantine.drop(quarantine.records)
    },
  ],
  ['patch', () => session.state.patch({ trip: { from: SECRET } })],
  ['append', () => session.append({ role: 'user', content: SECRET })],
]

describeWithRedis('mending and rotating on a server that fails', () => {
  const opened: { close(): Promise<unknown> }[] = []
  afterEach(async () => {
    for (const one of opened.splice(0).toReversed()) await one.close()
  })

  /** A session under an old key, with one record that cannot be read. */
  const prepare = async (): Promise<{
    client: Redis
    session: AgentSession
    hash: () => Promise<unknown>
  }> => {
    const server = await RealRedis.start({ backend: 'binary' })
    opened.push({ close: () => server.stop() })
    const open = async (current: string): Promise<StoringMemory> => {
      const encryption = { current, keys: { k1: testKey(1), k2: testKey(2) } }
      const options = { connection: { url: server.url }, namespace: NAMESPACE, serialization: { encryption } }
      const module = await Test.createTestingModule({ imports: [MemoryModule.forRoot(options)] }).compile()
      module.useLogger(false)
      await module.init()
      opened.push(module)
      return storing(module.get<MemoryService>(MemoryService))
    }
    const old = (await open('k1')).session('s')
    const { version } = await old.append(['a', 'b', 'c'].map((content) => ({ role: 'user', content }) as const))
    await old.state.set({ trip: { to: SECRET } })
    await old.summary.commit({ text: SECRET, coversSeq: 1, replaces: null, basedOn: version })
    const client = server.client()
    const key = `am:{${NAMESPACE}:~:s:s}`
    await client.hset(key, 'm:2', `1u5 1795333733311 9f86d081884c7d65 ["${SECRET}`)
    return {
      client,
      session: (await open('k2')).session('s'),
      hash: () => client.hgetall(key),
    }
  }

  it.each<[string, (client: Redis) => Promise<unknown>, string]>([
    ['is out of memory', (client) => client.config('SET', 'maxmemory', '1'), 'SERVER_FULL'],
    ['became a replica', (client) => client.replicaof('127.0.0.1', 1), 'UNAVAILABLE'],
  ])('changes nothing when it %s, and says so', async (_, fail, code) => {
    const { client, session, hash } = await prepare()
    const before = await hash()
    await fail(client)
    for (const [name, attempt] of attempts(session)) {
      const error: unknown = await attempt().catch((thrown: unknown) => thrown)
      expect([name, error]).toEqual([name, expect.objectContaining({ code, executed: 'no' })])
      expect(JSON.stringify([String(error), (error as Error).stack, error])).not.toContain('passport')
    }
    expect(await hash()).toEqual(before)
    expect(await session.context()).toMatchObject({ messages: [{ content: 'c' }], corrupt: [{ seq: 2 }] })
  })

  it('does it all when the server forgets its scripts in between', async () => {
    const { client, session, hash } = await prepare()
    for (const [name, attempt] of attempts(session).filter(([one]) => one !== 'drop')) {
      await client.script('FLUSH')
      expect([name, await attempt().then(Boolean)]).toEqual([name, true])
    }
    const context = await session.context()
    expect(context.corrupt).toEqual([])
    expect(context.messages.map(({ content }) => content)).toEqual([SECRET, 'c', SECRET])
    expect(context.state).toEqual({ trip: { to: SECRET, from: SECRET } })
    const { Q: aside, ...rest } = (await hash()) as Record<string, string>
    expect(aside).toContain('\tm:2\t')
    expect(JSON.stringify(rest)).not.toContain('ek1.')
    expect(JSON.stringify(rest)).not.toContain('passport')
  })
})
