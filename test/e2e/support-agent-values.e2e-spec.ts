import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Decimal } from 'decimal.js'
import { MEMORY_MEDIA_TYPE, MemoryJson } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import { Money } from '../../sample/01-support-agent/src/values/money.js'
import { isSameValue } from '../property/values/is-same-value.js'
import { poll } from '../support/poll.js'
import { runTypeScript, type TypeScriptProcess } from '../support/run-typescript.js'

/** The one of the application, which the other process uses as well. */
const NAMESPACE = 'support-agent'

const values = () => ({
  total: new Money(new Decimal('12345678901234567890.123456789'), 'EUR'),
  rate: new Decimal('-0'),
  arrival: new Date('2031-03-10T00:00:00.123Z'),
  seen: new Map<unknown, unknown>([
    ['room', new Set([1, 2n])],
    [{ nested: true }, new Money(new Decimal(1), 'CHF')],
  ]),
  picture: Buffer.from([0, 255, 128]),
  text: '2031-03-10T00:00:00.123Z',
  nothing: undefined,
})

describeWithRedis(
  'values of the support agent',
  (redis) => {
    let here: MemoryTestingModule
    let there: TypeScriptProcess
    let url = ''
    let json: MemoryJson

    beforeAll(async () => {
      here = await createMemoryTestingModule({ redis, imports: [AppModule], namespace: NAMESPACE })
      json = here.app.get(MemoryJson)
      there = runTypeScript('sample/01-support-agent/src/main.ts', { REDIS_URL: redis.url, PORT: '0', NO_COLOR: '1' })
      let output = ''
      there.child.stdout.on('data', (text: Buffer) => (output += text.toString()))
      url = await poll(() => /listening on (http:\S+)/.exec(output)?.[1], 30_000)
    }, 40_000)
    afterAll(async () => {
      there.child.kill('SIGTERM')
      await Promise.all([there.ended, here.close()])
    })

    const get = (session: string, accept: string): Promise<Response> =>
      fetch(`${url}/agents/${session}/state`, { headers: { accept }, signal: AbortSignal.timeout(10_000) })

    it('go from state through Redis, another process and HTTP to the client, exactly', async () => {
      await here.memory.session('given-here').state.set(values())
      const response = await get('given-here', MEMORY_MEDIA_TYPE)
      expect(response.headers.get('content-type')).toContain(MEMORY_MEDIA_TYPE)
      const answer = json.decode(await response.text()) as { values: unknown; corrupt: unknown[] }
      expect(isSameValue(answer.values, values())).toBe(true)
      expect(answer.corrupt).toEqual([])
    })

    it('go from the client through HTTP, another process and Redis into state, exactly', async () => {
      const response = await fetch(`${url}/agents/given-there/messages`, {
        method: 'POST',
        headers: { 'content-type': MEMORY_MEDIA_TYPE },
        body: json.encode({ content: 'These are my orders.', state: values() }),
        signal: AbortSignal.timeout(10_000),
      })
      expect(response.status).toBe(201)
      const { values: stored } = await here.memory.session('given-there').state.get()
      expect(isSameValue(stored, values())).toBe(true)
    })

    it('are plain JSON for a client that knows of nothing', async () => {
      await here.memory.session('plain').state.set(values())
      const response = await get('plain', 'application/json')
      expect(response.headers.get('content-type')).toContain('application/json')
      expect(((await response.json()) as { values: unknown }).values).toEqual({
        total: '12345678901234567890.123456789 EUR',
        rate: '-0',
        arrival: '2031-03-10T00:00:00.123Z',
        seen: [
          ['room', [1, '2']],
          [{ nested: true }, '1 CHF'],
        ],
        picture: 'AP+A',
        text: '2031-03-10T00:00:00.123Z',
      })
    })

    it('are refused when their class is not known', async () => {
      const response = await fetch(`${url}/agents/unknown/messages`, {
        method: 'POST',
        headers: { 'content-type': MEMORY_MEDIA_TYPE },
        body: '{"content":"Hello","state":{"a":{"$type":["Shape",1,{}]}}}',
        signal: AbortSignal.timeout(10_000),
      })
      expect(response.status).toBe(400)
      expect(await response.text()).toContain('Shape')
      expect((await here.memory.session('unknown').info()).exists).toBe(false)
    })
  },
  { standalone: 'the sample is told a URL' },
)
