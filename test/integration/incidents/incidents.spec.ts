import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { IsDate } from 'class-validator'
import { Decimal } from 'decimal.js'
import type { Cluster, Redis } from 'ioredis'
import { MemoryLostError } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import {
  openOurs,
  openThin,
  type IncidentMemory,
  type IncidentOptions,
  type OpenIncidentMemory,
} from '../../support/incident-memory.js'
import { poll } from '../../support/poll.js'
import { runWorker } from '../../support/run-worker.js'
import type { StateWriterInput } from '../../support/workers/state-writer.js'

interface Incident {
  readonly name: string
  readonly ttlSeconds: number
  readonly options?: IncidentOptions
  /** What is seen of it with the thin wrapper. */
  readonly seen: RegExp
  /** Rejects when the memory has the incident. */
  happens(memory: IncidentMemory, redis: Redis | Cluster): Promise<void>
}

const hello = { role: 'user', content: 'hello' } as const

class Money {
  constructor(
    readonly amount: Decimal,
    readonly currency: string,
  ) {}

  times(nights: number): Money {
    return new Money(this.amount.times(nights), this.currency)
  }
}

const bill = () => ({
  rate: new Decimal('0.1000000000000000055'),
  rooms: new Map([[401, new Set(['2031-03-10'])]]),
  total: new Money(new Decimal('129.90'), 'EUR'),
})

class BookingState {
  @IsDate()
  arrival!: Date
}

/** All that stands under a key, as text. */
const contentOf = async (redis: Redis | Cluster, key: string): Promise<string> => {
  const type = await redis.type(key)
  if (type === 'hash') return JSON.stringify(await redis.hgetall(key))
  if (type === 'list') return JSON.stringify(await redis.lrange(key, 0, -1))
  return String(await redis.get(key))
}

const isThere = (read: Promise<object>): Promise<boolean> =>
  read.then(
    (found) => Object.keys(found).length > 0,
    // Ours says so where it knows of more.
    (error: unknown) => !(error instanceof MemoryLostError),
  )

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
    name: 'Decimals, Maps and instances of classes come back as what they are',
    seen: /"rate": "0.1000000000000000055"/,
    ttlSeconds: 60,
    options: { serialization: { types: [Decimal, Money] } },
    happens: async (memory) => {
      await memory.append('s', { ...hello, metadata: bill() })
      await memory.setState('s', bill())
      const [message] = await memory.messages('s')
      expect(message?.metadata).toStrictEqual(bill())
      const state = (await memory.state('s')) as ReturnType<typeof bill>
      expect(state).toStrictEqual(bill())
      expect(state.total.times(3).amount.toString()).toBe('389.7')
    },
  },
  {
    name: 'what JSON changes without a word comes back as it was',
    seen: /toStrictEqual/,
    ttlSeconds: 60,
    happens: async (memory) => {
      const limits = { floor: -0, ceiling: Infinity, average: Number.NaN, note: undefined }
      await memory.setState('s', { limits })
      expect(await memory.state('s')).toStrictEqual({ limits })
    },
  },
  {
    name: 'one corrupt value of the state does not block the others, and is not lost',
    seen: /JSON/,
    ttlSeconds: 60,
    happens: async (memory) => {
      await memory.setState('s', { name: 'Ada', nights: 2 })
      await memory.breakState('s', 'name')
      await memory.setState('s', { guests: 1 })
      expect(await memory.state('s')).toEqual({ nights: 2, guests: 1 })
      await memory.setState('s', { name: 'Ada Lovelace' })
      expect(await memory.state('s')).toEqual({ name: 'Ada Lovelace', nights: 2, guests: 1 })
      expect(await memory.unreadable('s')).toHaveLength(1)
    },
  },
  {
    name: 'who reads Redis does not read the conversation',
    seen: /the door code is 4711/,
    ttlSeconds: 60,
    options: { serialization: { encryption: { current: 'k1', keys: { k1: Buffer.alloc(32, 7) } } } },
    happens: async (memory, redis) => {
      const secret = 'the door code is 4711'
      await memory.append('s', { role: 'user', content: secret, metadata: { secret } })
      await memory.setState('s', { note: secret })
      expect(await memory.state('s')).toEqual({ note: secret })
      const keys = await memory.keys()
      expect(keys).not.toEqual([])
      for (const key of keys) expect(await contentOf(redis, key)).not.toContain(secret)
    },
  },
  {
    name: 'no text gets where the agents expect a Date',
    seen: /resolved instead of rejected/,
    ttlSeconds: 60,
    options: { state: BookingState },
    happens: async (memory) => {
      await memory.setState('s', { arrival: new Date('2031-03-10') })
      await expect(memory.setState('s', { arrival: '2031-03-11' })).rejects.toThrow(/values\.arrival/)
      expect(await memory.state('s')).toEqual({ arrival: new Date('2031-03-10') })
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
        const parts = [await isThere(memory.messages(session)), await isThere(memory.state(session))]
        expect(parts).toEqual([parts[0], parts[0]])
      }
    },
  },
]

describeWithRedis('incidents', (server) => {
  let redis: Redis | Cluster
  beforeAll(() => {
    redis = server.client()
  })
  afterAll(() => redis.disconnect())

  const run = async (open: OpenIncidentMemory, incident: Incident): Promise<void> => {
    const memory = await open(server, redis, incident.ttlSeconds, incident.options)
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
