import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { describe, expect, it } from '@jest/globals'
import { StreamableFile } from '@nestjs/common'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { concat, defer, interval, map, NEVER, Observable, of, take, tap, throwError } from 'rxjs'
import { keysOf } from '../../../support/on-each-master.js'
import { poll } from '../../../support/poll.js'
import { slowly, useTurnsApp, type TurnsApp } from './turns-app.js'

const WORDS = ['hé', 'llo ', 'there']
/** With a character that is parted by two chunks. */
const BYTES = [Buffer.from('h'), Buffer.from([0xc3]), Buffer.from([0xa9]), Buffer.from('llo there')]
const WHOLE = 'héllo there'

/** Values that come until the client is gone, and what came of their source. */
class Endless {
  made = 0
  ended = false

  async *values(): AsyncGenerator<string> {
    try {
      for await (const value of slowly(Array.from({ length: 10_000 }, (_, index) => `${index} `))) {
        this.made += 1
        yield value
      }
    } finally {
      this.ended = true
    }
  }
}

/** Reads some of what the handler answered, and goes. */
const leave = async (app: TurnsApp, path: string, key?: string): Promise<void> => {
  const controller = new AbortController()
  const response = await app.get(path, key, controller.signal)
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (/\w/.test(text)) break
  }
  controller.abort()
}

describeWithRedis('answers that stream', (redis) => {
  describe.each(['express', 'fastify'] as const)('on %s', (platform) => {
    const app = useTurnsApp(redis, platform)

    const kinds: readonly [string, () => unknown][] = [
      ['an async generator', () => slowly(WORDS)],
      ['a generator of bytes', () => slowly(BYTES)],
      ['a Readable of texts', () => Readable.from(WORDS)],
      ['a Readable of bytes', () => Readable.from(BYTES, { objectMode: false })],
      ['a Readable with an encoding', () => Readable.from(BYTES, { objectMode: false }).setEncoding('utf8')],
      ['a file', () => new StreamableFile(Readable.from(BYTES), { type: 'text/x-a', disposition: 'inline' })],
      ['a file of bytes', () => new StreamableFile(Buffer.from(WHOLE), { type: 'text/x-b' })],
      ['a web stream', () => ReadableStream.from(slowly(WORDS))],
    ]

    it.each(kinds)('is kept at its end, and given again: %s', async (_name, make) => {
      app.model.answer = make
      const key = randomUUID()
      const first = await app.get('streams?message=hi', key)
      expect([first.status, await first.text()]).toEqual([200, WHOLE])
      const kept = [
        ['user', 'hi'],
        ['assistant', WHOLE],
      ]
      expect(await app.said()).toEqual(kept)
      const again = await app.get('streams?message=hi', key)
      expect(await again.text()).toBe(WHOLE)
      expect(again.headers.get('idempotency-replayed')).toBe('true')
      for (const name of ['content-type', 'content-disposition']) {
        expect(again.headers.get(name)).toBe(first.headers.get(name))
      }
      expect(app.model.asked).toEqual(['hi'])
      expect(await app.said()).toEqual(kept)
    })

    it.each(kinds)('is kept without a key: %s', async (_name, make) => {
      app.model.answer = make
      expect(await (await app.get('streams?message=hi')).text()).toBe(WHOLE)
      expect(await app.said()).toEqual([
        ['user', 'hi'],
        ['assistant', WHOLE],
      ])
    })

    const endless: readonly [string, (source: Endless) => unknown][] = [
      ['an async generator', (source) => source.values()],
      ['a Readable', (source) => Readable.from(source.values())],
      ['a file', (source) => new StreamableFile(Readable.from(source.values()))],
      ['a web stream', (source) => ReadableStream.from(source.values())],
    ]
    it.each(endless)('is kept as far as it came when the client goes: %s', async (_name, make) => {
      const source = new Endless()
      app.model.answer = () => make(source)
      await leave(app, 'streams?message=hi')
      const [user, answer] = await poll(async () => {
        const said = await app.said()
        return said.length === 2 ? said : undefined
      })
      expect(user).toEqual(['user', 'hi'])
      expect(answer).toEqual(['assistant', expect.stringMatching(/^0 /), { interrupted: true }])
      await poll(() => source.ended)
      expect(source.made).toBeLessThan(10_000)
    })

    it.each(endless)('is dropped when the client goes, and onDisconnect says so: %s', async (_name, make) => {
      const source = new Endless()
      app.model.answer = () => make(source)
      const key = randomUUID()
      await leave(app, 'dropped?message=hi', key)
      await poll(() => source.ended)
      app.model.answer = () => 'whole'
      expect(await (await app.get('dropped?message=hi', key)).text()).toBe('whole')
      expect(await app.said()).toEqual([
        ['user', 'hi'],
        ['assistant', 'whole'],
      ])
    })

    it('gives what was kept of it to who comes again under the key', async () => {
      app.model.answer = () => new Endless().values()
      const key = randomUUID()
      await leave(app, 'streams?message=hi', key)
      await poll(async () => (await app.said()).length === 2)
      const again = await (await app.get('streams?message=hi', key)).text()
      expect((await app.said())[1]?.[1]).toBe(again)
      expect(app.model.asked).toHaveLength(1)
    })

    it.each(endless)('holds on to nothing when it is never read: %s', async (_name, make) => {
      const source = new Endless()
      app.model.answer = () => make(source)
      expect((await app.post('replaced', 'hi')).text).toBe('instead')
      await poll(async () => (await app.post('replaced', 'again')).status === 200, 3_000)
      await poll(async () => (await app.said()).length > 0)
      expect((await app.said())[0]).toEqual(['user', 'hi', { interrupted: true }])
    })

    it('is let go at once, when its source has hung', async () => {
      app.model.answer = async function* () {
        yield 'begun'
        await new Promise(() => undefined)
      }
      await leave(app, 'streams?message=hi')
      await poll(async () => (await app.said()).length === 2, 3_000)
      expect(await app.said()).toEqual([
        ['user', 'hi'],
        ['assistant', 'begun', { interrupted: true }],
      ])
    })

    it.each<[string, () => unknown]>([
      ['a generator', () => failing()],
      ['a Readable', () => Readable.from(failing())],
      ['a file', () => new StreamableFile(Readable.from(failing()))],
      ['a Readable that is destroyed', () => destroyed()],
    ])('is not kept when it fails in the middle, and can be tried again: %s', async (_name, make) => {
      app.model.answer = make
      const key = randomUUID()
      const failed = await app.get('streams?message=hi', key)
      // One that failed before anything was read of it is an error like others.
      const isBroken = await failed.text().then(
        () => failed.status === 500,
        () => true,
      )
      expect(isBroken).toBe(true)
      app.model.answer = () => 'whole'
      expect(await (await app.get('streams?message=hi', key)).text()).toBe('whole')
      expect(await app.said()).toEqual([
        ['user', 'hi'],
        ['assistant', 'whole'],
      ])
    })

    it('does not end when it could not be kept', async () => {
      app.model.answer = async function* () {
        yield 'begun'
        await app.proxy.refuse()
        app.proxy.cut()
      }
      await expect(app.get('streams?message=hi').then((response) => response.text())).rejects.toThrow(
        /terminated|fetch failed/,
      )
      await app.proxy.restore()
      await poll(async () => {
        expect(await app.said().catch(() => [])).toEqual([])
        return true
      })
    })

    it('is read no faster than by the client', async () => {
      let made = 0
      app.model.answer = async function* () {
        for (; made < 4_000; made += 1) yield 'x'.repeat(100_000)
      }
      const controller = new AbortController()
      const response = await app.get('streams?message=hi', undefined, controller.signal)
      await response.body!.getReader().read()
      let before = -1
      // It stands still once all buffers on the way are full.
      await poll(async () => {
        await new Promise((resolve) => setTimeout(resolve, 200))
        const still = made === before
        before = made
        return still
      })
      expect(made).toBeLessThan(400)
      controller.abort()
    })
  })

  describe.each(['express', 'fastify'] as const)('as events on %s', (platform) => {
    const app = useTurnsApp(redis, platform)

    it('are kept at their end, and given again', async () => {
      app.model.answer = () => ticks().pipe(take(3))
      const key = randomUUID()
      const first = await (await app.get('events?message=hi', key)).text()
      const again = await (await app.get('events?message=hi', key)).text()
      expect(dataOf(first)).toEqual(['0 ', '1 ', '2 '])
      expect(again).toBe(first)
      expect(app.model.asked).toHaveLength(1)
      expect(await app.said()).toEqual([
        ['user', 'hi'],
        ['assistant', '0 1 2 '],
      ])
    })

    it('are kept as far as they came, or dropped', async () => {
      let subscribed = 0
      app.model.answer = () =>
        new Observable((subscriber) => {
          subscribed += 1
          const subscription = ticks().subscribe(subscriber)
          return () => {
            subscribed -= 1
            subscription.unsubscribe()
          }
        })
      const key = randomUUID()
      await leave(app, 'dropped-events?message=hi', key)
      await poll(() => subscribed === 0)
      await leave(app, 'events?message=hi')
      await poll(async () => (await app.said()).length === 2)
      expect(await app.said()).toEqual([
        ['user', 'hi'],
        ['assistant', expect.stringMatching(/^0 /), { interrupted: true }],
      ])
      app.model.answer = () => of({ data: 'whole' })
      expect(dataOf(await (await app.get('dropped-events?message=hi', key)).text())).toEqual(['whole'])
    })

    it('leave the turn to the next call when they fail', async () => {
      app.model.answer = () =>
        concat(
          of({ data: 'begun' }),
          throwError(() => new Error('the model is away')),
        )
      const key = randomUUID()
      const failed = await (await app.get('events?message=hi', key)).text()
      expect(failed).toContain('event: error')
      expect(await app.said()).toEqual([])
      app.model.answer = () => of({ data: 'whole' })
      expect(dataOf(await (await app.get('events?message=hi', key)).text())).toEqual(['whole'])
      expect(await app.said()).toHaveLength(2)
    })

    it('refuse a key of another turn, by an event', async () => {
      app.model.answer = () => of({ data: 'whole' })
      const key = randomUUID()
      await (await app.get('events?message=hi', key)).text()
      expect(await (await app.get('events?message=other', key)).text()).toMatch(
        /event: error\n.*\n?data: .*OPERATION_REUSED/,
      )
      expect(app.model.asked).toHaveLength(1)
      expect(await app.said()).toHaveLength(2)
    })

    it('that nobody waits for any more hold no claim, and run no handler', async () => {
      const key = randomUUID()
      const started: string[] = []
      app.model.answer = (message) =>
        defer(() => {
          started.push(message)
          return NEVER
        })
      const controllers = [new AbortController(), new AbortController()]
      const first = app.get('events?message=hi', key, controllers[0]!.signal)
      await poll(() => started.length === 1)
      const second = app.get('events?message=hi', key, controllers[1]!.signal)
      await second
      controllers[1]!.abort()
      await first
      controllers[0]!.abort()
      app.model.answer = () => of({ data: 'whole' })
      await poll(async () => (await app.said()).length > 0)
      expect(app.model.asked).toHaveLength(1)
      expect(await app.said()).toEqual([['user', 'hi', { interrupted: true }]])
      // Nothing was answered, so there is nothing to be given again.
      expect(dataOf(await (await app.get('events?message=hi', key)).text())).toEqual(['whole'])
      expect(await app.said()).toEqual([
        ['user', 'hi', { interrupted: true }],
        ['user', 'hi'],
        ['assistant', 'whole'],
      ])
    })

    it.each([0, 10, 40])('are one for ten clients of a key, half of whom leave after %s ms', async (after) => {
      app.model.answer = () => ticks().pipe(take(20))
      const key = randomUUID()
      const texts = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          const controller = new AbortController()
          if (index % 2 === 0) setTimeout(() => controller.abort(), after)
          const text = app.get('events?message=hi', key, controller.signal).then((response) => response.text())
          return index % 2 === 0 ? text.catch(() => undefined) : text
        }),
      )
      const stayed = texts.filter((_text, index) => index % 2 === 1)
      const answers = (await app.said()).filter(([role]) => role === 'assistant')
      expect(answers).toHaveLength(1)
      for (const text of stayed) expect(dataOf(text!).join('')).toBe(answers[0]![1])
    })

    it('that nobody waits for any more run no handler when they get the lock', async () => {
      const key = randomUUID()
      app.model.answer = () => of({ data: 'whole' })
      const client = redis.client()
      const claims = (): Promise<string[]> => keysOf(redis, `*${app.tested.namespace}*${app.id}*:claim:*`)
      await app.tested.memory.session(app.id).withLock(async () => {
        const controller = new AbortController()
        await app.get('locked-events?message=hi', key, controller.signal)
        await poll(async () => (await claims()).length === 1)
        controller.abort()
        await poll(async () => (await claims()).length === 0)
      })
      client.disconnect()
      expect(dataOf(await (await app.get('locked-events?message=hi', key)).text())).toEqual(['whole'])
      expect(app.model.asked).toHaveLength(1)
    })
  })

  describe('under a lock', () => {
    const app = useTurnsApp(redis)

    it('keeps it until the client is gone', async () => {
      app.model.answer = (message) => (message === 'hi' ? ticks().pipe(tap(() => (app.model.ticked += 1))) : 'done')
      const controller = new AbortController()
      await app.get('locked-events?message=hi', undefined, controller.signal)
      await poll(() => app.model.ticked > 1)
      expect((await app.post('locked', 'other')).status).toBe(423)
      controller.abort()
      await poll(async () => (await app.post('locked', 'other')).status === 200)
      const roles = (await app.said()).map(([, content]) => content)
      expect(roles).toEqual(['hi', expect.stringMatching(/^0 /), 'other', expect.anything()])
    })

    it.each<[string, () => unknown]>([
      ['a generator', () => new Endless().values()],
      ['a file', () => new StreamableFile(Readable.from(new Endless().values()))],
    ])('keeps it while it streams, also where no turn is kept: %s', async (_name, make) => {
      app.model.answer = (message) => (message === 'hi' ? make() : 'done')
      const controller = new AbortController()
      const response = await fetch(`${app.url}/sessions/${app.id}/only-locked`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message: 'hi' }),
        signal: controller.signal,
      })
      await response.body!.getReader().read()
      expect((await app.post('only-locked', 'other')).status).toBe(423)
      controller.abort()
      await poll(async () => (await app.post('only-locked', 'other')).status === 200)
    })
  })
})

const dataOf = (text: string): string[] => [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => data!)

async function* failing(): AsyncGenerator<string> {
  yield 'begun'
  throw new Error('the model is away')
}

const destroyed = (): Readable => {
  const source = new Readable({ read: () => undefined })
  source.push('begun')
  setTimeout(() => source.destroy(), 20)
  return source
}

const ticks = (): Observable<unknown> => interval(2).pipe(map((index) => ({ data: `${index} ` })))
