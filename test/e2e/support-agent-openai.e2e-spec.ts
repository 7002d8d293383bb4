import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import { LanguageModel } from '../../sample/01-support-agent/src/model/language-model.js'
import { OpenAiCompatibleModel } from '../../sample/01-support-agent/src/model/openai-compatible-model.js'
import { AgentClient, type WireError } from '../support/agent-client.js'

interface Asked {
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: {
    readonly model: string
    readonly stream: boolean
    readonly messages: readonly { readonly role: string; readonly content: string }[]
  }
}

const piece = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`
const FINISH = `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\n`
const DONE = 'data: [DONE]\n\n'

/** An endpoint that speaks the protocol, and answers as a test tells it to. */
class Endpoint {
  readonly asked: Asked[] = []
  answer: (response: ServerResponse) => void = () => undefined
  readonly #server: Server = createServer((request, response) => {
    void this.#hear(request, response)
  })

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}/v1/`
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: Asked['body'] = JSON.parse(await text(request))
    this.asked.push({ url: request.url, headers: request.headers, body })
    this.answer(response)
  }
}

const sendPieces = (chunks: readonly (string | Uint8Array)[]) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of chunks) response.write(chunk)
  response.end()
}

describeWithRedis('the support agent on an OpenAI-compatible endpoint', (redis) => {
  const endpoint = new Endpoint()
  let agent: MemoryTestingModule
  let client: AgentClient

  beforeAll(async () => {
    const chosen = { OPENAI_BASE_URL: await endpoint.start(), OPENAI_API_KEY: 'a-key', MODEL: 'a-model' }
    const before = Object.keys(chosen).map((name) => [name, process.env[name]] as const)
    Object.assign(process.env, chosen)
    try {
      agent = await createMemoryTestingModule({ redis, imports: [AppModule], listen: true })
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
    client = new AgentClient(agent.url ?? '')
  })

  afterAll(() => endpoint.stop())

  it('is chosen by the environment', () => {
    expect(agent.app.get(LanguageModel, { strict: false })).toBeInstanceOf(OpenAiCompatibleModel)
  })

  it('sends what is remembered as the prompt, and stores the answer', async () => {
    endpoint.answer = sendPieces([piece('Good '), piece('morning.'), FINISH, DONE])
    expect(await client.ask('prompt', 'My name is Ada.')).toBe('Good morning.')
    expect(await client.ask('prompt', 'And now?')).toBe('Good morning.')
    const { url, headers, body } = endpoint.asked.at(-1) ?? {}
    expect(url).toBe('/v1/chat/completions')
    expect(headers?.authorization).toBe('Bearer a-key')
    expect(body).toMatchObject({ model: 'a-model', stream: true })
    expect(body?.messages.slice(-3)).toMatchObject([
      { role: 'user', content: 'My name is Ada.' },
      { role: 'assistant', content: 'Good morning.' },
      { role: 'user', content: 'And now?' },
    ])
    expect(JSON.stringify(body?.messages[0])).toContain('Ada')
  })

  it('reads an answer however its bytes are cut', async () => {
    const bytes = Buffer.from(`: a comment\r\n${piece('Grüße, 👋 ').replaceAll('\n', '\r\n')}${piece('Ada')}${DONE}`)
    endpoint.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const send = (index: number): void => {
        if (index === bytes.length) response.end()
        else response.write(bytes.subarray(index, index + 1), () => setImmediate(send, index + 1))
      }
      send(0)
    }
    expect(await client.ask('bytes', 'Hello.')).toBe('Grüße, 👋 Ada')
  })

  it.each<[string, (response: ServerResponse) => void]>([
    ['an answer that ends early', sendPieces([piece('Half an')])],
    ['no answer at all', sendPieces([FINISH, DONE])],
    ['an error within the stream', sendPieces([piece('Half'), 'data: {"error":{"message":"overloaded"}}\n\n', DONE])],
    ['what is not JSON', sendPieces(['data: {oops\n\n', DONE])],
    ['an error status', (response) => response.writeHead(500).end('secret text')],
    [
      'a connection that is cut',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(piece('Half an'), () => response.destroy())
      },
    ],
  ])('%s: 502, the question is kept, and the next attempt is answered', async (name, answer) => {
    const id = encodeURIComponent(name)
    const key = { 'idempotency-key': 'turn-1' }
    endpoint.answer = answer
    const first = await client.send<WireError>(id, { content: 'Hello.' }, key)
    expect(first).toMatchObject({ status: 502, body: { code: 'MODEL_FAILED', retryable: true } })
    expect(JSON.stringify(first.body)).not.toMatch(/secret|overloaded|a-key/u)
    expect((await client.messages(id)).body.messages).toHaveLength(1)
    endpoint.answer = sendPieces([piece('Here I am.'), FINISH])
    expect(await client.ask(id, 'Hello.', key)).toBe('Here I am.')
    expect((await client.messages(id)).body.messages).toHaveLength(2)
  })
})
