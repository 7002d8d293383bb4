import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, it } from '@jest/globals'
import { StreamableFile } from '@nestjs/common'
import type { MemoryModuleOptions, RememberedAnswer } from 'nestjs-agent-memory'
import { describeWithRedis, type TestRedis, type FaultAction } from 'nestjs-agent-memory/testing'
import type { Cluster, Redis } from 'ioredis'
import { of } from 'rxjs'
import { appendScript, claimScript } from '../../../../lib/redis/scripts/scripts.generated.js'
import { deferred } from '../../../../lib/call/deferred.js'
import { configure, keysOf } from '../../../support/on-each-master.js'
import { poll } from '../../../support/poll.js'
import { maker, slowly, useTurnsApp, type Sent, type TurnsApp } from './turns-app.js'

const LIMIT = 4_096
const options = {
  session: { maxMessageBytes: LIMIT },
  resilience: { deadline: '400ms', retry: { attempts: 1 } },
} as const satisfies Partial<MemoryModuleOptions>

const isAppend = ([sha]: readonly string[]): boolean => sha === appendScript.sha1
const isAnswer = ([sha, , , , , how]: readonly string[]): boolean => sha === claimScript.sha1 && how === 'answer'
const told = ({ status, text }: Sent): [number, unknown] => [status, JSON.parse(text).code]
const FORGOTTEN = [409, 'OPERATION_FORGOTTEN']

/** Of which a message can be kept, and no answer for a repeated call. */
const large = { bytes: 'x'.repeat(5_000) }

/** As their leases do, or `keepFor`. */
const endClaims = async (app: TurnsApp, redis: TestRedis, client: Redis | Cluster) => {
  const keys = await keysOf(redis, `*${app.tested.namespace}*${app.id}*:claim:*`)
  expect(await client.unlink(...keys)).toBe(1)
}

/** A collection of all garbage, as of `node --expose-gc`. */
const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

const PARTS = Array.from({ length: 100 }, (_, index) => `${String(index).padStart(3, '0')} ${'x'.repeat(96)}`)
const WHOLE = PARTS.join('')

describeWithRedis('answers that are too large', (redis) => {
  const app = useTurnsApp(redis, 'express', options)
  const endAll = async (): Promise<void> => {
    const client = redis.client()
    await endClaims(app, redis, client)
    client.disconnect()
  }

  const sent = async (key?: string): Promise<Sent | 'broken'> =>
    app.post('made', 'hello', key).catch(() => 'broken' as const)

  describe('to be kept for a repeated call', () => {
    it.each<FaultAction>(['cut-before', 'tear-request'])(
      'run again when their turn was not kept: %s',
      async (action) => {
        const key = randomUUID()
        app.model.answer = () => large
        const fault = app.proxy.on({ command: 'EVALSHA', when: isAppend, times: 2 }, action)
        expect((await app.post('told', 'hello', key)).status).toBe(503)
        expect(fault.hits).toBe(2)
        expect(await poll(() => app.said().catch(() => undefined))).toEqual([])
        expect((await app.post('told', 'hello', key)).status).toBe(200)
        expect(app.model.asked).toHaveLength(2)
        expect(await app.said()).toHaveLength(2)
        expect(told(await app.post('told', 'hello', key))).toEqual(FORGOTTEN)
      },
    )

    it('are not run again when their turn was kept, and nobody was told', async () => {
      const key = randomUUID()
      app.model.answer = () => large
      // What the session begins with is asked for before it does.
      await app.tested.memory.session(app.id).append({ role: 'user', content: 'before' })
      const fault = app.proxy.on({ command: 'EVALSHA', when: isAppend, times: 2 }, 'drop-reply')
      expect([503, 504]).toContain((await app.post('told', 'hello', key)).status)
      // Whether there was time for the second.
      expect([1, 2]).toContain(fault.hits)
      fault.remove()
      await poll(async () => (await app.said().catch(() => [])).length === 3)
      expect(told(await app.post('told', 'hello', key))).toEqual(FORGOTTEN)
      expect(app.model.asked).toHaveLength(1)
      expect(await app.said()).toHaveLength(3)
    })

    it('are given when their turn is kept, also when that cannot be noted at the claim', async () => {
      const key = randomUUID()
      app.model.answer = () => large
      const fault = app.proxy.on({ command: 'EVALSHA', when: isAnswer, times: 50 }, 'cut-before')
      expect((await app.post('told', 'hello', key)).status).toBe(200)
      expect(fault.hits).toBeGreaterThan(0)
      await endAll()
      expect(told(await app.post('told', 'hello', key))).toEqual(FORGOTTEN)
      expect(app.model.asked).toHaveLength(1)
      expect(await app.said()).toHaveLength(2)
      fault.remove()
    })

    it('are waited for until their turn is kept', async () => {
      const key = randomUUID()
      app.model.answer = () => large
      const fault = app.proxy.on({ command: 'EVALSHA', when: isAppend }, 'delay', { ms: 200 })
      const first = app.post('told', 'hello', key)
      await poll(() => fault.hits === 1)
      expect(told(await app.post('told', 'hello', key))).toEqual(FORGOTTEN)
      expect(await app.said()).toHaveLength(2)
      expect((await first).status).toBe(200)
    })
  })

  it('to be kept as a message are refused each time, and nothing is said to stand', async () => {
    const key = randomUUID()
    app.model.answer = () => 'x'.repeat(5_000)
    for (let time = 0; time < 2; time += 1) {
      expect(told(await app.post('texts', 'hello', key))).toEqual([413, 'TOO_LARGE'])
    }
    app.model.answer = () => 'short'
    expect((await app.post('texts', 'hello', key)).text).toBe('short')
    expect(await app.said()).toHaveLength(2)
  })

  describe('and come in parts', () => {
    const kinds: readonly [string, () => unknown][] = [
      ['a generator', () => slowly(PARTS, 0)],
      ['a Readable of bytes', () => Readable.from(PARTS.map((part) => Buffer.from(part)))],
      ['a file', () => new StreamableFile(Readable.from(PARTS.map((part) => Buffer.from(part))))],
    ]
    it.each(kinds)('reach the client, and are remembered by what needs not hold them: %s', async (_name, make) => {
      app.model.answer = make
      maker.make = ({ value, interrupted }: RememberedAnswer) => `${String(value).slice(0, 3)} ${interrupted}`
      const key = randomUUID()
      expect(await sent(key)).toMatchObject({ status: 200, text: WHOLE })
      expect(await app.said()).toEqual([
        ['user', 'hello'],
        ['assistant', '099 false'],
      ])
      expect(told((await sent(key)) as Sent)).toEqual(FORGOTTEN)
      expect(app.model.asked).toHaveLength(1)
    })

    it.each(kinds)('reach the client up to their end, when what is asked for is not held: %s', async (_name, make) => {
      const key = randomUUID()
      app.model.answer = make
      for (const ask of [
        ({ text }: RememberedAnswer) => text,
        ({ values }: RememberedAnswer) => String(values.length),
      ]) {
        const failed: unknown[] = []
        maker.make = (answer) => {
          try {
            return ask(answer)
          } catch (error) {
            failed.push(error)
            throw error
          }
        }
        expect(await sent(key)).toBe('broken')
        expect(failed).toMatchObject([{ code: 'TOO_LARGE', path: expect.stringMatching(/^answer\./) }])
      }
      expect(await app.said()).toEqual([])
      app.model.answer = () => 'short'
      maker.make = ({ text }) => text
      expect(await sent(key)).toMatchObject({ status: 200, text: 'short' })
      expect(await app.said()).toHaveLength(2)
    })

    it('are held as far as a message is, and no further', async () => {
      const texts = ['x'.repeat(LIMIT / 2), 'y'.repeat(LIMIT / 2 - 4)]
      app.model.answer = () => slowly(texts)
      maker.make = ({ text }) => text
      expect(await sent()).toMatchObject({ status: 200 })
      expect(await app.said()).toEqual([
        ['user', 'hello'],
        ['assistant', texts.join('')],
      ])
      app.model.answer = () => slowly([...texts, 'zzzzz'])
      expect(await sent()).toBe('broken')
      expect(await app.said()).toHaveLength(2)
    })

    it.each<[string, (text: string) => unknown]>([
      ['texts', (text) => text],
      ['objects', (text) => ({ deep: [new Map([['a', new Set([text])]])] })],
      ['bytes', (text) => Buffer.from(text)],
    ])('are held by what they weigh: %s', async (_name, make) => {
      maker.make = ({ values }) => `${values.length} values`
      app.model.answer = () => slowly([make('x'.repeat(LIMIT - 200)), make('y'.repeat(50))])
      expect(await sent()).toMatchObject({ status: 200 })
      app.model.answer = () => slowly([make('x'.repeat(LIMIT - 200)), make('y'.repeat(200))])
      expect(await sent()).toBe('broken')
      app.model.answer = () => slowly([make('x'.repeat(50)), make('y'.repeat(LIMIT))])
      expect(await sent()).toBe('broken')
      expect(await app.said()).toEqual([
        ['user', 'hello'],
        ['assistant', '2 values'],
      ])
    })

    it.each([
      [10, 200],
      [10_000, 'broken'],
    ])('are held by how many they are: %s numbers', async (count, status) => {
      maker.make = ({ values }) => `${values.length} values`
      app.model.answer = () =>
        slowly(
          Array.from({ length: count }, (_, n) => ({ n })),
          0,
        )
      const answer = await sent()
      expect(answer === 'broken' ? answer : answer.status).toBe(status)
    })

    it('are no parts of one that comes as a whole: it is there anyway', async () => {
      app.model.answer = () => 'x'.repeat(5_000)
      maker.make = ({ text, values }) => `${text.length} in ${values.length}`
      expect(await sent()).toMatchObject({ status: 200 })
      expect((await app.said())[1]).toEqual(['assistant', '5000 in 1'])
    })

    it('are one for who asks for the last of them only', async () => {
      app.model.answer = () => of(...PARTS)
      maker.make = ({ value, values }) => `${String(value).slice(0, 3)} of ${values.length}`
      expect(await sent()).toMatchObject({ status: 200, text: PARTS.at(-1) })
      expect(await app.said()).toEqual([
        ['user', 'hello'],
        ['assistant', '099 of 1'],
      ])
    })

    it('are held no further as events', async () => {
      const events = Array.from({ length: 40 }, () => ({ data: 'x'.repeat(200) }))
      app.model.answer = () => of(...events)
      const text = await (await app.get('events?message=hello', randomUUID())).text()
      // The last one comes when the turn is kept.
      expect([...text.matchAll(/^data: x{200}$/gm)]).toHaveLength(events.length - 1)
      expect(text).toContain('event: error')
      expect(text).toContain('answer.text')
      expect(await app.said()).toEqual([])
    })
  })
})

describeWithRedis('answers that are larger than memory', (redis) => {
  const app = useTurnsApp(redis)
  const CHUNK = 64 * 1_024
  const CHUNKS = 8_192

  it('pass through without being held', async () => {
    const { promise: begun, resolve } = deferred()
    const collect = collector()
    const held = (): number => {
      collect()
      return process.memoryUsage().arrayBuffers
    }
    let most = 0
    const before = held()
    app.model.answer = () => {
      resolve()
      return new StreamableFile(
        Readable.from(
          (function* () {
            for (let count = 0; count < CHUNKS; count += 1) {
              if (count % 1_024 === 1_023) most = Math.max(most, held() - before)
              yield Buffer.alloc(CHUNK, count)
            }
          })(),
        ),
      )
    }
    maker.make = () => 'a file'
    const response = await fetch(`${app.url}/sessions/${app.id}/made`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ message: 'hello' }),
    })
    await begun
    let bytes = 0
    for await (const chunk of response.body!) bytes += chunk.length
    expect(bytes).toBe(CHUNK * CHUNKS)
    expect(most).toBeLessThan((CHUNK * CHUNKS) / 4)
    expect(await app.said()).toEqual([
      ['user', 'hello'],
      ['assistant', 'a file'],
    ])
  }, 30_000)
})

/** On a server of its own, which the test has refuse writes. */
describeWithRedis(
  'answers that are too large, with a journal',
  (redis) => {
    const directory = mkdtempSync(join(tmpdir(), 'agent-memory-journal-'))
    afterAll(() => rmSync(directory, { recursive: true }))
    const app = useTurnsApp(redis, 'express', {
      ...options,
      resilience: { ...options.resilience, onOutage: 'journal', journal: { directory } },
    })

    it('are not run again while their turn waits there', async () => {
      const key = randomUUID()
      const client = redis.client()
      app.model.answer = async () => {
        await configure(redis, 'min-replicas-to-write', '9')
        return large
      }
      expect((await app.post('told', 'hello', key)).status).toBe(200)
      await configure(redis, 'min-replicas-to-write', '0')
      await endClaims(app, redis, client)
      client.disconnect()
      // It is replayed when a second has passed, unless somebody needs it before.
      expect(app.tested.memory.status().journal?.entries).toBe(1)
      expect(told(await app.post('told', 'hello', key))).toEqual(FORGOTTEN)
      expect(app.model.asked).toHaveLength(1)
      expect(await app.said()).toHaveLength(2)
    })
  },
  { backend: 'binary' },
)
