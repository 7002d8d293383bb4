import { randomUUID } from 'node:crypto'
import { on, once } from 'node:events'
import { afterEach, expect, it } from '@jest/globals'
import type { INestApplication } from '@nestjs/common'
import { WsAdapter } from '@nestjs/platform-ws'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { WebSocket } from 'ws'
import { AppModule } from '../../sample/03-websocket-gateway/src/app.module.js'
import { poll } from '../support/poll.js'
import { useSample } from '../support/use-sample.js'

interface Heard {
  readonly event: string
  readonly data: unknown
}

interface Said {
  readonly sessionId: string
  readonly message?: string
  readonly operationId?: string
}

const TIMEOUT_MS = 10_000

const textOf = (events: readonly Heard[]): string => events.map(({ data }) => data).join('')

/** What a client sees of one question, until it breaks off, or until an event that is the last one. */
async function* ask(socket: WebSocket, event: string, data: Said): AsyncGenerator<Heard> {
  const messages = on(socket, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) }) as AsyncIterable<[Buffer]>
  socket.send(JSON.stringify({ event, data }))
  for await (const [text] of messages) {
    const heard = JSON.parse(text.toString('utf8')) as Heard
    yield heard
    if (heard.event !== 'token') return
  }
}

const allOf = async (socket: WebSocket, event: string, data: Said): Promise<Heard[]> => {
  const all: Heard[] = []
  for await (const heard of ask(socket, event, data)) all.push(heard)
  return all
}

const eventsOf = (all: readonly Heard[]): string[] => all.map(({ event }) => event)

describeWithRedis('the sample with WebSockets', (redis) => {
  const sample = useSample<INestApplication>(redis, {
    imports: [AppModule],
    createApplication: (module) => {
      const app = module.createNestApplication({ logger: false })
      return app.useWebSocketAdapter(new WsAdapter(app))
    },
    listen: true,
  })
  const sockets: WebSocket[] = []
  const connect = async (userId = 'ada'): Promise<WebSocket> => {
    const socket = new WebSocket(sample.url.replace('http', 'ws'), { headers: { 'x-user-id': userId } })
    sockets.push(socket)
    await once(socket, 'open')
    return socket
  }
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close()
  })

  it('sends its answers word by word, and says when they are stored', async () => {
    const socket = await connect()
    const words: unknown[] = []
    let stored = 0
    for await (const { event, data } of ask(socket, 'turn', { sessionId: 'chat', message: 'Hello.' })) {
      words.push(data)
      if (event === 'done') stored = (await sample.stored('chat')).length
    }
    expect(stored).toBe(2)
    expect(words).toEqual(['So ', 'far ', 'you ', 'said: ', '"Hello.".', ''])
    const second = await allOf(await connect(), 'turn', { sessionId: 'chat', message: 'And now?' })
    expect(textOf(second)).toBe('So far you said: "Hello.", "And now?".')
    const turns = [
      { role: 'user', content: 'Hello.' },
      { role: 'assistant', content: 'So far you said: "Hello.".' },
      { role: 'user', content: 'And now?' },
      { role: 'assistant', content: 'So far you said: "Hello.", "And now?".' },
    ]
    expect(await sample.stored('chat')).toEqual(turns)
    expect(await allOf(socket, 'history', { sessionId: 'chat' })).toMatchObject([{ event: 'history', data: turns }])
  })

  it('has stored nothing of an answer that has just begun', async () => {
    const answer = ask(await connect(), 'turn', { sessionId: 'long', message: 'word '.repeat(1_000) })
    expect(await answer.next()).toMatchObject({ value: { event: 'token' } })
    expect(await sample.stored('long')).toEqual([])
  })

  it('answers a turn that is sent again as it did before, also to another connection', async () => {
    const said = { sessionId: 'again', message: 'Hello.', operationId: randomUUID() }
    const first = await allOf(await connect(), 'turn', said)
    expect(await allOf(await connect(), 'turn', said)).toEqual(first)
    expect(await sample.stored('again')).toHaveLength(2)
  })

  it('refuses another message under the same operation id', async () => {
    const said = { sessionId: 'reused', message: 'Hello.', operationId: randomUUID() }
    const socket = await connect()
    await allOf(socket, 'turn', said)
    expect(await allOf(socket, 'turn', { ...said, message: 'Something else.' })).toMatchObject([
      { event: 'exception', data: { status: 'error', code: 'OPERATION_REUSED', retryable: false } },
    ])
  })

  it('remembers as much as it had said when its client left', async () => {
    const socket = await connect()
    for await (const { data } of ask(socket, 'turn', { sessionId: 'left', message: 'word '.repeat(1_000) }))
      if (data === 'far ') break
    socket.terminate()
    await poll(async () => (await sample.stored('left')).length === 2)
    const [, answer] = await sample.stored('left')
    const content = expect.stringMatching(/^So far (?!.*\.$)/u)
    expect(answer).toEqual({ role: 'assistant', content, metadata: { interrupted: true } })
  })

  it('has no session of one user for another', async () => {
    await allOf(await connect(), 'turn', { sessionId: 'own', message: 'Hello.' })
    const grace = await connect('grace')
    for (const event of ['turn', 'history'])
      expect(await allOf(grace, event, { sessionId: 'own', message: 'What did I say?' })).toMatchObject([
        { event: 'exception', data: { code: 'SESSION_NOT_FOUND' } },
      ])
    expect(await sample.stored('own')).toHaveLength(2)
  })

  it('goes on when the connections to Redis are cut in the middle of an answer', async () => {
    const heard: Heard[] = []
    for await (const each of ask(await connect(), 'turn', { sessionId: 'cut', message: 'word '.repeat(10) })) {
      if (heard.push(each) === 3) sample.proxy.cut()
    }
    expect(sample.proxy.faults.cut).toBeGreaterThan(0)
    expect(heard.at(-1)).toEqual({ event: 'done', data: '' })
    expect(await sample.stored('cut')).toMatchObject([{ role: 'user' }, { content: textOf(heard) }])
  })

  it('says so while Redis is away, and goes on after it on the same connection', async () => {
    const socket = await connect()
    const said = { sessionId: 'away', message: 'Are you there?', operationId: randomUUID() }
    await sample.proxy.refuse()
    const refused = await allOf(socket, 'turn', said)
    expect(sample.proxy.faults.refused).toBeGreaterThan(0)
    expect(refused).toMatchObject([
      { event: 'exception', data: { status: 'error', code: 'UNAVAILABLE', retryable: true } },
    ])
    await sample.proxy.restore()
    await poll(async () => eventsOf(await allOf(socket, 'turn', said)).at(-1) === 'done')
    expect(await sample.stored('away')).toHaveLength(2)
  })
})
