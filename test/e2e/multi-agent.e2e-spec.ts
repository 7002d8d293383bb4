import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import type { INestApplication } from '@nestjs/common'
import { getMemoryToken, type MemoryService, type Message } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { AGENTS, type AgentName } from '../../sample/06-multi-agent/src/agent-name.js'
import { AppModule } from '../../sample/06-multi-agent/src/app.module.js'
import type { Reply } from '../../sample/06-multi-agent/src/desk.js'
import { poll } from '../support/poll.js'
import { useSample } from '../support/use-sample.js'

const ada = { 'x-user-id': 'ada' }

interface Answer<Body> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

describeWithRedis('the sample with several agents', (redis) => {
  const sample = useSample<INestApplication>(redis, {
    imports: [AppModule],
    createApplication: (module) => module.createNestApplication({ logger: false }),
    listen: true,
  })

  const ask = async <Body>(path: string, init: RequestInit = {}): Promise<Answer<Body>> => {
    const response = await fetch(`${sample.url}/sessions/${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', ...ada, ...(init.headers as Record<string, string>) },
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body }
  }
  const say = <Body = Reply>(id: string, message: string, headers = {}): Promise<Answer<Body>> =>
    ask<Body>(`${id}/turns`, { method: 'POST', body: JSON.stringify({ message }), headers })
  const memoryOf = (name: AgentName): MemoryService => sample.app.get(getMemoryToken(name), { strict: false })
  /** What each agent has noted itself, straight from its memory. */
  const notes = async (id: string): Promise<Record<string, unknown[]>> => {
    const noted = async (name: AgentName) => {
      const { messages } = await memoryOf(name).session(id).messages()
      return [name, messages.map(({ content }) => content)] as const
    }
    return Object.fromEntries(await Promise.all(AGENTS.map(noted)))
  }

  it('hands a conversation over: all agents see what was said, and each has notes of its own', async () => {
    const said = ['Hello.', 'I need a flight.', 'A window seat, please.', 'Send me the invoice.']
    const replies: Reply[] = []
    for (const message of said) replies.push((await say('chat', message)).body)
    expect(replies).toEqual([
      { agent: 'reception', text: 'This is reception. Of the 1 things you said, 1 were for me.' },
      { agent: 'travel', text: 'This is travel. Of the 2 things you said, 1 were for me.' },
      { agent: 'travel', text: 'This is travel. Of the 3 things you said, 2 were for me.' },
      { agent: 'billing', text: 'This is billing. Of the 4 things you said, 1 were for me.' },
    ])
    const shared = said.flatMap((content, index) => [
      { role: 'user', content },
      { role: 'assistant', content: replies[index]?.text, metadata: { agent: replies[index]?.agent } },
    ])
    expect(await sample.stored('chat')).toEqual(shared)
    expect((await ask<Message[]>('chat/messages')).body).toMatchObject(shared)
    expect((await sample.memory.session('chat').state.get()).values).toEqual({ agent: 'billing' })
    expect(await notes('chat')).toEqual({
      reception: ['Hello.'],
      travel: ['I need a flight.', 'A window seat, please.'],
      billing: ['Send me the invoice.'],
    })
  })

  it('knows who has a conversation also when another process took it over before', async () => {
    await sample.memory.session('handed', { userId: 'ada' }).state.set({ agent: 'travel' })
    expect((await say('handed', 'Hello again.')).body.agent).toBe('travel')
    expect(await notes('handed')).toEqual({ reception: [], travel: ['Hello again.'], billing: [] })
  })

  it('answers a turn that is sent again as it did before, and notes it once', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const first = await say('again', 'A trip, please.', key)
    const second = await say('again', 'A trip, please.', key)
    expect([second.body, second.headers.get('idempotency-replayed')]).toEqual([first.body, 'true'])
    expect(await sample.stored('again')).toHaveLength(2)
    expect(await notes('again')).toMatchObject({ travel: ['A trip, please.'] })
  })

  it('has no session of one user for another, in no memory', async () => {
    await say('own', 'I want to pay.')
    const answer = await say<{ code: string }>('own', 'What did I say?', { 'x-user-id': 'grace' })
    expect([answer.status, answer.body.code]).toEqual([404, 'SESSION_NOT_FOUND'])
    expect(await notes('own')).toEqual({ reception: [], travel: [], billing: ['I want to pay.'] })
  })

  it('completes the turn of a process that died after its note, when it is sent again', async () => {
    const key = randomUUID()
    const content = 'I need a train.'
    await memoryOf('travel').session('died', { userId: 'ada' }).append({ role: 'user', content }, { operationId: key })
    expect((await say('died', content, { 'idempotency-key': key })).status).toBe(201)
    expect(await notes('died')).toMatchObject({ travel: [content] })
    expect(await sample.stored('died')).toHaveLength(2)
  })

  it('says so while Redis is away, and goes on after it', async () => {
    const key = { 'idempotency-key': randomUUID() }
    await sample.proxy.refuse()
    const [refused, messages] = await Promise.all([
      say<{ code: string; retryable: boolean }>('away', 'I need a hotel.', key),
      ask('away/messages'),
    ])
    expect(sample.proxy.faults.cut).toBeGreaterThan(0)
    expect(refused).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE', retryable: true } })
    expect(refused.headers.get('content-type')).toContain('application/problem+json')
    expect(messages.status).toBe(503)
    await sample.proxy.restore()
    await poll(async () => (await say('away', 'I need a hotel.', key)).status === 201)
    expect(await sample.stored('away')).toHaveLength(2)
    expect(await notes('away')).toMatchObject({ travel: ['I need a hotel.'] })
  })
})
