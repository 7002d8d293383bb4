import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Redis } from 'ioredis'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { openOurs, openThin, type IncidentMemory, type OpenIncidentMemory } from '../../support/incident-memory.js'
import { poll } from '../../support/poll.js'
import { runWorker } from '../../support/run-worker.js'
import type { StateWriterInput } from '../../support/workers/state-writer.js'

interface Incident {
  readonly name: string
  readonly ttlSeconds: number
  /** What is seen of it with the thin wrapper. */
  readonly seen: RegExp
  /** Rejects when the memory has the incident. */
  happens(memory: IncidentMemory, redis: Redis): Promise<void>
}

const hello = { role: 'user', content: 'hello' } as const

const incidents: Incident[] = [
  {
    name: 'a datetime comes back as a datetime',
    seen: /"2026-02-28T23:59:59.999Z"/,
    ttlSeconds: 60,
    happens: async (memory) => {
      const when = new Date('2026-02-28T23:59:59.999Z')
      await memory.append('s', { ...hello, metadata: { when } })
      await memory.setState('s', { pickup: when, note: when.toISOString() })
      const [message] = await memory.messages('s')
      expect(message?.metadata).toEqual({ when })
      expect(await memory.state('s')).toEqual({ pickup: when, note: '2026-02-28T23:59:59.999Z' })
    },
  },
  {
    name: 'one corrupt record does not hide the others',
    seen: /JSON/,
    ttlSeconds: 60,
    happens: async (memory) => {
      for (const content of ['a', 'b', 'c']) await memory.append('s', { role: 'user', content })
      await memory.breakMessage('s', 1)
      expect((await memory.messages('s')).map(({ content }) => content)).toEqual(['a', 'c'])
    },
  },
  {
    name: 'a ttl expires for real, and takes the whole session with it',
    seen: /not so within 2500 ms/,
    ttlSeconds: 1,
    happens: async (memory) => {
      await memory.append('s', hello)
      await memory.setState('s', { a: 1 })
      await memory.setState('s', { b: 2 })
      expect(await memory.keys()).not.toEqual([])
      await poll(async () => (await memory.keys()).length === 0, 2_500)
      expect(await memory.messages('s')).toEqual([])
      expect(await memory.state('s')).toEqual({})
    },
  },
  {
    name: 'a chat of two hours keeps its beginning',
    seen: /Expected: "1"/,
    ttlSeconds: 1,
    happens: async (memory) => {
      const end = Date.now() + 2_200
      let said = 0
      await poll(async () => {
        await memory.append('s', { role: 'user', content: `${++said}` })
        return Date.now() > end
      })
      const messages = await memory.messages('s')
      expect(messages[0]?.content).toBe('1')
      expect(messages).toHaveLength(said)
    },
  },
  {
    name: 'two processes that write state at the same time lose nothing',
    seen: /toEqual/,
    ttlSeconds: 60,
    happens: async (memory) => {
      const write = (writer: string): Promise<string[]> => {
        const input: StateWriterInput = { ...memory.worker, session: 's', writer, count: 300 }
        return runWorker<string[]>('state-writer', input)
      }
      const fields = (await Promise.all([write('a'), write('b')])).flat()
      expect(Object.keys(await memory.state('s')).toSorted()).toEqual(fields.toSorted())
    },
  },
  {
    name: 'a retry does not store a turn twice',
    seen: /Received length: +3/,
    ttlSeconds: 60,
    happens: async (memory) => {
      for (let attempt = 0; attempt < 3; attempt++) await memory.append('s', hello, 'turn-1')
      expect(await memory.messages('s')).toHaveLength(1)
    },
  },
  {
    name: 'a session is never half present',
    seen: /toEqual/,
    ttlSeconds: 60,
    happens: async (memory, redis) => {
      for (const session of ['s1', 's2', 's3']) {
        await memory.append(session, hello)
        await memory.setState(session, { name: 'Ada' })
      }
      const keys = await memory.keys()
      // What an eviction does: it takes any key, one at a time.
      for (const [index, key] of keys.toSorted().entries()) if (index % 2 === 0) await redis.unlink(key)
      for (const session of ['s1', 's2', 's3']) {
        const parts = [(await memory.messages(session)).length > 0, Object.keys(await memory.state(session)).length > 0]
        expect(parts).toEqual([parts[0], parts[0]])
      }
    },
  },
]

describeWithRedis('incidents', (server) => {
  let redis: Redis
  beforeAll(() => {
    redis = server.client()
  })
  afterAll(() => redis.disconnect())

  const run = async (open: OpenIncidentMemory, incident: Incident): Promise<void> => {
    const memory = await open(server, redis, incident.ttlSeconds)
    try {
      await incident.happens(memory, redis)
    } finally {
      await memory.close()
    }
  }

  describe('do not happen here', () => {
    it.each(incidents)('$name', (incident) => run(openOurs, incident), 30_000)

    it('a ttl of 0 makes no key immortal', async () => {
      await expect(openOurs(server, redis, 0)).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'session.ttl' })
    })
  })

  describe('happen to a thin wrapper, and are found', () => {
    it.each(incidents)('$name', (incident) => expect(run(openThin, incident)).rejects.toThrow(incident.seen), 30_000)

    it('a ttl of 0 makes no key immortal', async () => {
      const memory = await openThin(server, redis, 0)
      await memory.append('s', hello)
      const [key] = await memory.keys()
      expect(await redis.pttl(key!)).toBe(-1)
      await memory.close()
    })
  })
})
