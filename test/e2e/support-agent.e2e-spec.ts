import { beforeAll, describe, expect, it } from '@jest/globals'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import {
  AgentClient,
  type SendBody,
  type WireContext,
  type WireError,
  type WireMessage,
} from '../support/agent-client.js'

const texts = (messages: readonly WireMessage[]): string[] => messages.map(({ content }) => content)

const BAD_MESSAGE_QUERIES = [
  'last=0',
  'last=-1',
  'last=1.5',
  'last=NaN',
  'last=abc',
  'last=',
  'last=1&last=2',
  'last=1&after=1',
  'last=99999999999999999999',
  'after=-1',
  'before=0',
  'limit=0',
  'first=1',
]

describeWithRedis('the support agent', (redis) => {
  let agent: MemoryTestingModule
  let client: AgentClient
  let sessions = 0
  const newSession = (): string => `session-${++sessions}`

  beforeAll(async () => {
    agent = await createMemoryTestingModule({ redis, imports: [AppModule], listen: true })
    client = new AgentClient(agent.url ?? '')
  })

  describe('POST messages', () => {
    it('answers with the stored message and the stored reply', async () => {
      const { status, body } = await client.send(newSession(), { content: 'My name is Ada.' })
      expect(status).toBe(201)
      expect(body).toEqual({
        duplicate: false,
        message: expect.objectContaining({ seq: 1, role: 'user', content: 'My name is Ada.' }),
        reply: expect.objectContaining({
          seq: 2,
          role: 'assistant',
          content: 'Noted: your name is Ada.',
          metadata: { replyTo: body.message.id },
        }),
      })
      expect(new Date(body.message.createdAt).getTime()).toBeGreaterThan(0)
    })

    it('answers from what it remembers, and makes nothing up', async () => {
      const id = newSession()
      expect(await client.ask(id, 'What is my name?')).toBe('I do not know your name.')
      expect(await client.ask(id, 'What is my phone number?')).toBe('I do not know your phone number.')
      expect(await client.ask(id, 'When is my booking?')).toBe('I do not know your dates.')
      expect(await client.ask(id, 'What do you know about me?')).toBe('I know nothing about you yet.')
      await client.ask(id, 'My name is Ada, and my number is +1 555 0142.')
      await client.ask(id, 'A room from 10 March 2031 until 14 March 2031, please.')
      expect(await client.ask(id, 'What is my name?')).toBe('Your name is Ada.')
      expect(await client.ask(id, 'What is my phone number?')).toBe('Your phone number is +1 555 0142.')
      expect(await client.ask(id, 'When is my booking?')).toBe(
        'Your dates are from Mon, 10 Mar 2031 until Fri, 14 Mar 2031.',
      )
      expect(await client.ask(id, 'What did I say first?')).toBe('The first thing you said was: "What is my name?"')
      expect(await client.ask(id, 'What did I say before?')).toBe('Before that you said: "What did I say first?"')
    })

    it('keeps conversations apart', async () => {
      const id = newSession()
      await client.ask(id, 'My name is Ada.')
      expect(await client.ask(newSession(), 'What is my name?')).toBe('I do not know your name.')
    })

    it('puts slots into the state, dates as dates, and a later date beside an earlier one', async () => {
      const id = newSession()
      await client.ask(id, 'From 10 March 2031 until 14 March 2031. My name is Ada.')
      await client.ask(id, 'No, until 16 March 2031.')
      const { values } = await agent.memory.session(id).state.get()
      expect(values).toEqual({ name: 'Ada', dates: { from: new Date('2031-03-10'), until: new Date('2031-03-16') } })
      expect((await client.state(id)).body.values).toEqual({
        name: 'Ada',
        dates: { from: '2031-03-10T00:00:00.000Z', until: '2031-03-16T00:00:00.000Z' },
      })
    })

    it('takes slots of the caller exactly as they are, before those in the text', async () => {
      const id = newSession()
      const state = {
        name: 'Grace',
        order: { id: 'A-1', lines: [1, 2.5, null, [], {}], paid: false, at: '2031-03-10T00:00:00.000Z' },
        ...(JSON.parse('{"then":"odd names are names"}') as object),
        length: { toString: null },
        'with blanks & ünïcode': '',
      }
      await client.send(id, { content: 'My name is Ada.', state })
      expect((await client.state(id)).body.values).toEqual(state)
      await client.send(id, { content: 'Thanks.', state: { order: { id: 'A-2' } } })
      expect((await client.state(id)).body.values).toEqual({ ...state, order: { id: 'A-2' } })
    })

    it('stores what a member of staff says without asking the model', async () => {
      const id = newSession()
      await client.ask(id, 'Hello.')
      const { status, body } = await client.send(id, { role: 'assistant', content: 'My name is Grace, I take over.' })
      expect(status).toBe(201)
      expect(body.reply).toBeUndefined()
      const { messages } = (await client.messages(id)).body
      expect(messages).toHaveLength(3)
      expect(messages[2]).toMatchObject({
        seq: 3,
        role: 'assistant',
        content: 'My name is Grace, I take over.',
        metadata: { author: 'human' },
      })
      expect(await client.ask(id, 'What is my name?')).toBe('I do not know your name.')
    })
  })

  describe('reading', () => {
    it('GET messages gives a window: last, after, before, limit', async () => {
      const id = newSession()
      for (const content of ['one', 'two', 'three', 'four']) await client.send(id, { role: 'assistant', content })
      const read = async (query: string) => texts((await client.messages(id, query)).body.messages)
      expect(await read('')).toEqual(['one', 'two', 'three', 'four'])
      expect(await read('?last=2')).toEqual(['three', 'four'])
      expect(await read('?after=1')).toEqual(['two', 'three', 'four'])
      expect(await read('?after=0&limit=1')).toEqual(['one'])
      expect(await read('?before=4&limit=2')).toEqual(['two', 'three'])
      expect(await read('?after=1&before=4')).toEqual(['two', 'three'])
    })

    it('GET messages of a conversation that never was is empty', async () => {
      expect(await client.messages(newSession())).toMatchObject({
        status: 200,
        body: { messages: [], version: '0', stale: false, corrupt: [] },
      })
    })

    it('GET context gives what the model would read', async () => {
      const id = newSession()
      await client.ask(id, 'My name is Ada.')
      await client.ask(id, 'Thanks.')
      const { status, body } = await client.get<WireContext>(id, 'context?last=2')
      expect(status).toBe(200)
      expect(texts(body.messages)).toEqual(['Thanks.', 'Noted: your name is Ada.'])
      expect(body).toMatchObject({ state: { name: 'Ada' }, omitted: 2, stale: false, corrupt: [] })
      expect(body.tokens).toBeGreaterThan(0)
      expect(body.prompt.at(-2)).toMatchObject({ role: 'user', content: 'Thanks.' })
      const small = await client.get<WireContext>(id, `context?maxTokens=${body.tokens - 1}`)
      expect(small.body.omitted).toBeGreaterThan(2)
      expect(small.body.tokens).toBeLessThan(body.tokens)
    })

    it('says so when the beginning no longer fits into the context', async () => {
      const id = newSession()
      await client.send(id, { role: 'assistant', content: 'word '.repeat(10_000) })
      expect(await client.ask(id, 'What did I say first?')).toBe('I can no longer see how our conversation began.')
    })
  })

  describe('DELETE', () => {
    it('forgets the conversation, and is no error for one that is gone', async () => {
      const id = newSession()
      await client.ask(id, 'My name is Ada.')
      expect(await client.delete(id)).toMatchObject({ status: 204, body: undefined })
      expect((await client.messages(id)).body.messages).toEqual([])
      expect((await client.state(id)).body.values).toEqual({})
      expect((await client.delete(id)).status).toBe(204)
      expect(await client.ask(id, 'What is my name?')).toBe('I do not know your name.')
    })

    it('refuses a message that was sent before it, and comes again', async () => {
      const id = newSession()
      const headers = { 'idempotency-key': 'late' }
      await client.send(id, { content: 'Hello.' }, headers)
      await client.delete(id)
      const { status, body } = await client.send<WireError>(id, { content: 'Hello.' }, headers)
      expect(status).toBe(410)
      expect(body).toMatchObject({ code: 'SESSION_DELETED', retryable: false })
      expect((await client.messages(id)).body.messages).toEqual([])
    })
  })

  describe('an owned conversation', () => {
    const ada = { 'x-user-id': 'ada' }
    const grace = { 'x-user-id': 'grace' }

    it('is not there for another user, who leaves no trace in it', async () => {
      const id = newSession()
      await client.ask(id, 'My name is Ada.', ada)
      const answers = await Promise.all([
        client.send<WireError>(id, { content: 'What is my name?', state: { name: 'Grace' } }, grace),
        client.messages(id, '', grace),
        client.get<WireError>(id, 'context', grace),
        client.state(id, grace),
        client.delete(id, grace),
      ])
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
      expect(answers[0].body).toMatchObject({ code: 'SESSION_NOT_FOUND', retryable: false })
      expect((await client.messages(id, '', ada)).body.messages).toHaveLength(2)
      expect(await client.ask(id, 'What is my name?', ada)).toBe('Your name is Ada.')
    })

    it('is another one for another tenant', async () => {
      const id = newSession()
      await client.ask(id, 'My name is Ada.', { 'x-tenant-id': 'north' })
      expect(await client.ask(id, 'What is my name?', { 'x-tenant-id': 'south' })).toBe('I do not know your name.')
      expect(await client.ask(id, 'What is my name?')).toBe('I do not know your name.')
      expect(await client.ask(id, 'What is my name?', { 'x-tenant-id': 'north' })).toBe('Your name is Ada.')
    })
  })

  describe('bad input', () => {
    it.each(['a{b', 'a}b', 'a:b', 'a*b', 'a?b', 'a[b', 'a]b', 'a\\b', 'a\0b', 'a\r\nb', 'x'.repeat(513)])(
      'the session id %j',
      async (id) => {
        const answers = await Promise.all([
          client.send<WireError>(id, { content: 'Hello.' }),
          client.get<WireError>(id, 'messages'),
          client.get<WireError>(id, 'context'),
          client.get<WireError>(id, 'state'),
          client.delete(id),
        ])
        for (const { status, body } of answers) {
          expect(status).toBe(400)
          expect(body).toMatchObject({ code: 'ARGUMENT_INVALID', path: expect.stringMatching(/id$/iu) })
          expect(body).toMatchObject({ detail: expect.stringMatching(/given; allowed: /u) })
        }
      },
    )

    it.each<[string, Record<string, string>]>([
      ['user id', { 'x-user-id': 'a:b' }],
      ['tenant', { 'x-tenant-id': 'a{b}' }],
    ])('the %s', async (_name, headers) => {
      const { status, body } = await client.send<WireError>(newSession(), { content: 'Hello.' }, headers)
      expect(status).toBe(400)
      expect(body).toMatchObject({ code: 'ARGUMENT_INVALID', retryable: false })
    })

    it.each<[string, SendBody & Record<string, unknown>, string]>([
      ['no content', {}, 'content'],
      ['empty content', { content: '' }, 'content'],
      ['content that is a number', { content: 5 }, 'content'],
      ['content that is null', { content: null }, 'content'],
      ['content that is an array', { content: [] }, 'content'],
      ['content that is an object', { content: {} }, 'content'],
      ['an unknown role', { role: 'robot', content: 'x' }, 'role'],
      ['a role that is not for callers', { role: 'system', content: 'x' }, 'role'],
      ['state that is an array', { content: 'x', state: [] }, 'state'],
      ['state that is null', { content: 'x', state: null }, 'state'],
      ['state that is a text', { content: 'x', state: 'x' }, 'state'],
      ['an unknown name', { content: 'x', reply: 'y' }, 'reply'],
    ])('%s: 400 that names it, and nothing is written', async (_name, body, path) => {
      const id = newSession()
      const answer = await client.send<WireError>(id, body)
      expect(answer.status).toBe(400)
      expect(JSON.stringify(answer.body.message)).toContain(path)
      expect((await client.messages(id)).body).toMatchObject({ messages: [], version: '0' })
      expect((await client.state(id)).body.values).toEqual({})
    })

    it('a body that is not JSON', async () => {
      const response = await fetch(`${agent.url}/agents/${newSession()}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"content":',
      })
      expect(response.status).toBe(400)
      await response.body?.cancel()
    })

    it.each(BAD_MESSAGE_QUERIES)('GET messages?%s', async (query) => {
      const { status, body } = await client.get<WireError>(newSession(), `messages?${query}`)
      expect(status).toBe(400)
      expect(JSON.stringify(body.message)).toContain(query.split('=')[0])
    })

    it.each(['maxTokens=0', 'maxTokens=many', 'last=0', 'turns=-1', 'last=1&turns=1', 'size=1'])(
      'GET context?%s',
      async (query) => {
        expect((await client.get<WireError>(newSession(), `context?${query}`)).status).toBe(400)
      },
    )

    it('a message over the cap: 413, and nothing is written', async () => {
      const id = newSession()
      const { status, body } = await client.send<WireError>(id, { content: 'x'.repeat(70_000) })
      expect(status).toBe(413)
      expect(body).toMatchObject({ code: 'TOO_LARGE', retryable: false })
      expect((await client.messages(id)).body).toMatchObject({ messages: [], version: '0' })
    })

    it('an error holds nothing of what was said', async () => {
      const { body } = await client.send<WireError>(newSession(), { content: `secret${'x'.repeat(70_000)}` })
      expect(JSON.stringify(body)).not.toContain('secret')
    })

    it('an idempotency key that is too long', async () => {
      const { status } = await client.send(newSession(), { content: 'x' }, { 'idempotency-key': 'k'.repeat(201) })
      expect(status).toBe(400)
      const longest = await client.send(newSession(), { content: 'x' }, { 'idempotency-key': 'k'.repeat(200) })
      expect(longest.status).toBe(201)
    })
  })

  it('GET health says that the memory is up', async () => {
    const { status, body } = await client.request<Record<string, unknown>>('GET', '/health')
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'ok', info: { memory: { status: 'up' } } })
  })
})
