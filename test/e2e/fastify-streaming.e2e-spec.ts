import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Message } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/02-fastify-streaming/src/app.module.js'
import { poll } from '../support/poll.js'
import { readEvents, type SentEvent } from '../support/read-events.js'
import { useSample } from '../support/use-sample.js'

const ada = { 'x-user-id': 'ada' }
const grace = { 'x-user-id': 'grace' }

const allOf = async (answer: Response | AsyncIterable<SentEvent>): Promise<SentEvent[]> => {
  const events: SentEvent[] = []
  for await (const event of answer instanceof Response ? readEvents(answer) : answer) events.push(event)
  return events
}

const textOf = (events: readonly SentEvent[]): string => events.map(({ data }) => data).join('')

describeWithRedis('the sample with Fastify', (redis) => {
  const sample = useSample<NestFastifyApplication>(redis, {
    imports: [AppModule],
    createApplication: (module) => module.createNestApplication(new FastifyAdapter(), { logger: false }),
    listen: true,
  })

  const say = (id: string, message: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${sample.url}/sessions/${id}/turns`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...ada, ...headers },
      body: JSON.stringify({ message }),
    })
  const read = (id: string, headers = ada): Promise<Response> =>
    fetch(`${sample.url}/sessions/${id}/messages`, { headers })

  it('streams its answers, and remembers each of them whole', async () => {
    const first = await say('chat', 'Hello.')
    expect(first.headers.get('content-type')).toBe('text/event-stream')
    expect((await allOf(first)).map(({ data }) => data)).toEqual(['So ', 'far ', 'you ', 'said: ', '"Hello.".'])
    expect(textOf(await allOf(await say('chat', 'And now?')))).toBe('So far you said: "Hello.", "And now?".')
    const turns = [
      { role: 'user', content: 'Hello.' },
      { role: 'assistant', content: 'So far you said: "Hello.".' },
      { role: 'user', content: 'And now?' },
      { role: 'assistant', content: 'So far you said: "Hello.", "And now?".' },
    ]
    expect(await sample.stored('chat')).toEqual(turns)
    expect(await (await read('chat')).json()).toMatchObject(turns)
  })

  it('sends each word as it comes, and stores at the end', async () => {
    const events = readEvents(await say('slow', 'word '.repeat(20)))
    const first = (await events.next()).value as SentEvent
    expect(await sample.stored('slow')).toEqual([])
    const others = await allOf(events)
    expect(others.length).toBeGreaterThan(20)
    expect(await sample.stored('slow')).toMatchObject([{ role: 'user' }, { content: textOf([first, ...others]) }])
  })

  it('answers a turn that is sent again as it did before', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const first = await allOf(await say('again', 'Hello.', key))
    expect(await allOf(await say('again', 'Hello.', key))).toEqual(first)
    expect(await sample.stored('again')).toHaveLength(2)
  })

  it('remembers as much as it had said when its client left', async () => {
    for await (const { data } of readEvents(await say('left', 'word '.repeat(1_000)))) if (data === 'far ') break
    await poll(async () => (await sample.stored('left')).length === 2)
    const [, answer] = await sample.stored('left')
    const content = expect.stringMatching(/^So far (?!.*\.$)/u)
    expect(answer).toEqual({ role: 'assistant', content, metadata: { interrupted: true } })
  })

  it('has no session of one user for another', async () => {
    await allOf(await say('own', 'Hello.'))
    expect((await read('own', grace)).status).toBe(404)
    const [event] = await allOf(await say('own', 'What did I say?', grace))
    expect(event).toMatchObject({ event: 'error' })
    expect(JSON.parse(event?.data ?? '')).toMatchObject({ status: 404, code: 'SESSION_NOT_FOUND' })
    expect((await read('own', {} as typeof ada)).status).toBe(400)
    expect((await (await read('own')).json()) as Message[]).toHaveLength(2)
  })

  it('gives what is wrong with the request a status', async () => {
    for (const refused of [await say('wrong', ''), await say('a*b', 'Hello.')]) {
      expect(refused.status).toBe(400)
      expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(await refused.json()).toMatchObject({ code: 'ARGUMENT_INVALID' })
    }
  })

  it('says so while Redis is away, and goes on after it', async () => {
    const key = { 'idempotency-key': randomUUID() }
    await allOf(await say('away', 'Hello.'))
    await sample.proxy.refuse()
    const [answer, messages] = await Promise.all([say('away', 'Are you there?', key), read('away')])
    const [event, ...others] = await allOf(answer)
    expect(sample.proxy.faults.cut).toBeGreaterThan(0)
    expect([event?.event, others]).toEqual(['error', []])
    expect(JSON.parse(event?.data ?? '')).toMatchObject({ status: 503, code: 'UNAVAILABLE', retryable: true })
    expect(messages.status).toBe(503)
    await sample.proxy.restore()
    await poll(async () => (await read('away')).ok)
    expect(textOf(await allOf(await say('away', 'Are you there?', key)))).toContain('"Hello.", "Are you there?"')
    expect(await sample.stored('away')).toHaveLength(4)
  })
})
