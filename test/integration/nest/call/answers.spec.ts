import { randomUUID } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { of } from 'rxjs'
import { poll } from '../../../support/poll.js'
import { maker, useTurnsApp } from './turns-app.js'

class Reply {
  readonly at = new Date(0)
  constructor(readonly text: string) {}
}

const nothing = (message: string): never => {
  throw new Error(message)
}

describeWithRedis('answers that are kept', (redis) => {
  describe.each(['express', 'fastify'] as const)('on %s', (platform) => {
    const app = useTurnsApp(redis, platform, { session: { maxMessageBytes: '4kb' } })

    it.each<[string, unknown]>([
      ['a text', 'yes'],
      ['nothing', undefined],
      ['null', null],
      ['an object', { a: [1, { b: null }] }],
      ['a Date', new Date(0)],
      ['a Map', new Map([['a', 1]])],
      ['an instance of a class that is not registered', new Reply('yes')],
      ['a number', 42],
    ])('give %s again as it was', async (_name, answer) => {
      app.model.answer = () => answer
      const key = randomUUID()
      const first = await app.post('told', 'hello', key)
      const second = await app.post('told', 'hello', key)
      expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([200, null])
      expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
      expect(second.text).toBe(first.text)
      expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
      expect(app.model.asked).toEqual(['hello'])
      expect(await app.said()).toHaveLength(2)
    })

    it('are the last value of an Observable, as the client gets it', async () => {
      app.model.answer = () => of('first', 'last')
      const key = randomUUID()
      expect((await app.post('texts', 'hello', key)).text).toBe('last')
      expect((await app.post('texts', 'hello', key)).text).toBe('last')
      expect(await app.said()).toEqual([
        ['user', 'hello'],
        ['assistant', 'last'],
      ])
    })

    it('may be an empty text, of which only the user is remembered', async () => {
      app.model.answer = () => ''
      const key = randomUUID()
      expect(await app.post('texts', 'hello', key)).toMatchObject({ status: 200, text: '' })
      expect(await app.post('texts', 'hello', key)).toMatchObject({ status: 200, text: '' })
      expect(app.model.asked).toEqual(['hello'])
      expect(await app.said()).toEqual([['user', 'hello']])
    })

    it.each([undefined, null, { reply: 'secret' }])('must be said how, when it is no text: %p', async (answer) => {
      app.model.answer = () => answer
      const refused = await app.post('texts', 'secret', randomUUID())
      expect(refused.status).toBe(500)
      expect(JSON.parse(refused.text)).toMatchObject({ code: 'CONFIG_INVALID' })
      expect(app.logger.ofMemory[0]?.whole).toContain('@RememberTurn.assistant')
      expect(app.logger.lines.map(({ whole }) => whole).join('\n')).not.toContain('secret')
      expect(await app.said()).toEqual([])
    })

    it('that are too large to be kept for a retry are kept in the session, once', async () => {
      app.model.answer = () => ({ bytes: 'x'.repeat(5_000) })
      const key = randomUUID()
      expect((await app.post('told', 'hello', key)).status).toBe(200)
      const again = await app.post('told', 'hello', key)
      expect([again.status, JSON.parse(again.text).code]).toEqual([409, 'OPERATION_FORGOTTEN'])
      expect(app.model.asked).toEqual(['hello'])
      expect(await app.said()).toHaveLength(2)
    })

    it('that are too large for a message are refused, and nothing is kept', async () => {
      app.model.answer = () => 'x'.repeat(5_000)
      expect((await app.post('texts', 'hello')).status).toBe(413)
      expect(await app.said()).toEqual([])
    })
  })

  describe('by a function of the application', () => {
    const app = useTurnsApp(redis)

    it('are what it makes of them: a text, a message, messages, or nothing', async () => {
      const tool = { role: 'assistant', content: [{ type: 'text', text: 'b' }], metadata: { model: 'x' } } as const
      for (const made of ['a', tool, [tool, { role: 'assistant', content: 'c' }], '', []]) {
        maker.make = () => made
        expect((await app.post('made', 'hi')).status).toBe(200)
      }
      const said = await app.said()
      expect(said.filter(([role]) => role === 'user')).toHaveLength(5)
      expect(said.filter(([role]) => role === 'assistant')).toEqual([
        ['assistant', 'a'],
        ['assistant', tool.content, tool.metadata],
        ['assistant', tool.content, tool.metadata],
        ['assistant', 'c'],
      ])
    })

    it.each<[string, () => unknown]>([
      ['throws', () => nothing('secret')],
      ['makes nothing', () => undefined],
      ['makes a promise', async () => 'secret'],
      ['makes what is no message', () => ({ role: 'secret', content: 1 })],
      ['makes what cannot be kept', () => ({ role: 'assistant', content: 'a', metadata: { f: () => 'secret' } })],
    ])('leave the turn to the next call when it %s', async (_name, make) => {
      const key = randomUUID()
      maker.make = make
      const failed = await app.post('made', 'hi', key)
      expect(failed.status).toBe(500)
      expect(failed.text).not.toContain('secret')
      expect(app.logger.ofMemory.map(({ whole }) => whole).join('\n')).not.toContain('secret')
      expect((await app.post('made', 'hi')).status).toBe(500)
      maker.make = ({ text }) => text
      expect((await app.post('made', 'hi', key)).text).toBe('re: hi')
      expect(await app.said()).toHaveLength(2)
    })
  })

  describe('of a handler that fails', () => {
    const app = useTurnsApp(redis)

    it('leave the turn to the next call, which is not made to wait', async () => {
      const key = randomUUID()
      app.model.answer = () => {
        throw new Error('the model is away')
      }
      expect((await app.post('texts', 'hello', key)).status).toBe(500)
      expect(await app.said()).toEqual([])
      app.model.answer = () => 'back'
      const start = performance.now()
      expect((await app.post('texts', 'hello', key)).text).toBe('back')
      expect(performance.now() - start).toBeLessThan(5_000)
      expect(app.model.asked).toHaveLength(2)
      expect(await app.said()).toHaveLength(2)
    })

    it('are noted once where onError says so, however often it fails', async () => {
      const key = randomUUID()
      app.model.answer = () => {
        throw new Error('the model is away')
      }
      expect((await app.post('noted', 'hello', key)).status).toBe(500)
      expect((await app.post('noted', 'hello', key)).status).toBe(500)
      expect(await app.said()).toEqual([['user', 'hello', { failed: true }]])
      expect((await app.post('noted', 'again')).status).toBe(500)
      app.model.answer = () => 'back'
      expect((await app.post('noted', 'hello', key)).text).toBe('back')
      expect(await app.said()).toEqual([
        ['user', 'hello', { failed: true }],
        ['user', 'again', { failed: true }],
        ['user', 'hello'],
        ['assistant', 'back'],
      ])
    })

    it('are one for ten calls at the same time, also after one that failed', async () => {
      const key = randomUUID()
      let calls = 0
      app.model.answer = async (message) => {
        calls += 1
        await poll(() => true)
        if (calls === 1) throw new Error('the model is away')
        return `re: ${message}`
      }
      const answers = await Promise.all(Array.from({ length: 10 }, () => app.post('texts', 'hello', key)))
      expect(answers.filter(({ status }) => status === 500)).toHaveLength(1)
      expect(answers.filter(({ text }) => text === 're: hello')).toHaveLength(9)
      expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(8)
      expect(app.model.asked).toHaveLength(2)
      expect(await app.said()).toHaveLength(2)
    })

    it('refuse the key for another message', async () => {
      const key = randomUUID()
      expect((await app.post('texts', 'hello', key)).status).toBe(200)
      const other = await app.post('texts', 'secret', key)
      expect([other.status, JSON.parse(other.text).code]).toEqual([409, 'OPERATION_REUSED'])
      expect(other.text).not.toContain('secret')
      expect(app.model.asked).toEqual(['hello'])
    })
  })
})
