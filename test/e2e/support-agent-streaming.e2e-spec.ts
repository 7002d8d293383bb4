import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, it } from '@jest/globals'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import { DeterministicModel } from '../../sample/01-support-agent/src/model/deterministic-model.js'
import { LanguageModel, type ModelRequest } from '../../sample/01-support-agent/src/model/language-model.js'
import { ModelError } from '../../sample/01-support-agent/src/model/model.error.js'
import { AgentClient, type SendBody, type WireError, type WireMessage } from '../support/agent-client.js'

interface StreamEvent {
  readonly event: string
  readonly data: { readonly text?: string; readonly message?: WireMessage; readonly duplicate?: boolean }
}

/** The deterministic model, but for two questions. */
class SometimesBrokenModel extends LanguageModel {
  readonly #model = new DeterministicModel()
  waiting = false
  aborted = 0

  async *stream(request: ModelRequest): AsyncGenerator<string> {
    if (request.question === 'Break off.') {
      yield 'Half an'
      throw new ModelError('The language model broke off within its answer')
    }
    if (request.question === 'Take for ever.') {
      yield 'Well'
      await this.#untilAborted(request.signal)
    }
    yield* this.#model.stream(request)
  }

  async #untilAborted(signal: AbortSignal | undefined): Promise<void> {
    if (signal === undefined) throw new Error('no signal')
    this.waiting = true
    if (!signal.aborted) await once(signal, 'abort')
    this.aborted += 1
    signal.throwIfAborted()
  }
}

const parse = (text: string): StreamEvent[] =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [, event = '', data = ''] = /^event: ([^\n]*)\ndata: ([^\n]*)$/u.exec(block) ?? []
      const parsed: StreamEvent['data'] = JSON.parse(data)
      return { event, data: parsed }
    })

describeWithRedis('the support agent, streaming', (redis) => {
  const model = new SometimesBrokenModel()
  let agent: MemoryTestingModule
  let client: AgentClient
  const accept = { accept: 'text/event-stream' }

  beforeAll(async () => {
    agent = await createMemoryTestingModule({
      redis,
      imports: [AppModule],
      override: (builder) => builder.overrideProvider(LanguageModel).useValue(model),
      listen: true,
    })
    client = new AgentClient(agent.url ?? '')
  })

  const open = (id: string, body: SendBody, headers = {}): Promise<Response> =>
    client.fetch('POST', `/agents/${id}/messages`, { ...accept, ...headers }, body)

  const stream = async (id: string, content: string, headers = {}): Promise<StreamEvent[]> => {
    const response = await open(id, { content }, headers)
    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    return parse(await response.text())
  }

  const stored = async (id: string) => (await client.messages(id)).body.messages

  it('sends the stored message, the answer piece by piece, and the stored answer', async () => {
    await client.ask('pieces', 'My name is Ada.')
    const events = await stream('pieces', 'What is my name?')
    const pieces = events.filter(({ event }) => event === 'delta').map(({ data }) => data.text)
    expect(events.map(({ event }) => event)).toEqual(['message', ...pieces.map(() => 'delta'), 'reply'])
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.join('')).toBe('Your name is Ada.')
    const messages = await stored('pieces')
    expect(messages).toHaveLength(4)
    expect(messages.slice(2)).toEqual([events[0]?.data.message, events.at(-1)?.data.message])
  })

  it('keeps line breaks and unusual characters within one event', async () => {
    const content = 'one\n\nevent: reply\ndata: {}\r\n\u2028 👩‍👩‍👧 "two"'
    const events = await stream('characters', content)
    expect(events[0]).toMatchObject({ event: 'message', data: { message: { content } } })
    expect(events.at(-1)?.event).toBe('reply')
  })

  it('answers a turn that is sent again with the stored answer', async () => {
    const key = { 'idempotency-key': 'turn-1' }
    const first = await stream('again', 'Hello.', key)
    const second = await stream('again', 'Hello.', key)
    expect(second.map(({ event }) => event)).toEqual(['message', 'reply'])
    expect(second.at(-1)?.data).toMatchObject({ duplicate: true, message: first.at(-1)?.data.message })
    expect(await stored('again')).toHaveLength(2)
  })

  it('answers bad input with its status, not with a stream', async () => {
    const response = await open('a%3Ab', { content: 'Hello.' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'ARGUMENT_INVALID' } satisfies Partial<WireError>)
  })

  it('says when the answer breaks off, and remembers no half of it', async () => {
    const events = await stream('broken', 'Break off.')
    expect(events.map(({ event }) => event)).toEqual(['message', 'delta', 'error'])
    expect(events.at(-1)?.data).toMatchObject({ statusCode: 502, code: 'MODEL_FAILED', retryable: true })
    expect(await stored('broken')).toMatchObject([{ role: 'user', content: 'Break off.' }])
  })

  it('stops the model when the caller goes away', async () => {
    const caller = new AbortController()
    const response = await fetch(`${agent.url}/agents/gone/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...accept },
      body: JSON.stringify({ content: 'Take for ever.' }),
      signal: caller.signal,
    })
    const reader = response.body?.getReader()
    await reader?.read()
    // Before that there would be nothing to stop.
    const deadline = performance.now() + 5_000
    while (!model.waiting && performance.now() < deadline) await sleep(10)
    caller.abort()
    while (model.aborted === 0 && performance.now() < deadline) await sleep(10)
    expect(model.aborted).toBe(1)
    expect(await stored('gone')).toHaveLength(1)
  })
})
