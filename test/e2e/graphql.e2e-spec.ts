import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { LineProcess } from '../support/line-process.js'
import { poll } from '../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../support/quiet-memory.js'
import type { GraphqlSampleInput, GraphqlSampleOutput } from '../support/workers/graphql-sample.js'

interface Turn {
  readonly reply: string
  readonly tasks: readonly string[]
}

interface Answer {
  readonly data: { readonly say?: Turn; readonly messages?: readonly object[] } | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[]
}

const START_TIMEOUT_MS = 20_000

const SAY = `mutation ($id: ID!, $message: String!) { say(sessionId: $id, message: $message) { reply tasks } }`
const MESSAGES = `query ($id: ID!) { messages(sessionId: $id) { seq role content createdAt } }`

describeWithRedis('the sample with GraphQL', (redis) => {
  let proxy: FaultProxy
  let sample: LineProcess<GraphqlSampleOutput, never>
  let url: string
  let direct: QuietMemory

  beforeAll(async () => {
    proxy = await FaultProxy.before(redis)
    sample = new LineProcess('graphql-sample', { through: proxy.url } satisfies GraphqlSampleInput)
    const said = await sample.line('url', START_TIMEOUT_MS)
    url = said.url
    direct = await openQuietMemory({ connection: redis.connection, namespace: said.namespace })
  }, START_TIMEOUT_MS)

  beforeEach(async () => {
    await proxy.restore()
    await poll(async () => (await messages('there')).errors === undefined)
  })

  afterAll(async () => {
    await proxy.restore()
    await direct.app.close()
    sample.endInput()
    const { code, signal } = await sample.ended
    await proxy.close()
    if (code !== 0) throw new Error(`the sample ended with ${code ?? signal}`)
  })

  const ask = async (query: string, variables: object, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user-id': 'ada', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as Answer
  }
  const say = (id: string, message: string, headers = {}): Promise<Answer> => ask(SAY, { id, message }, headers)
  const messages = (id: string, headers = {}): Promise<Answer> => ask(MESSAGES, { id }, headers)
  const stored = async (id: string) => (await direct.memory.session(id).messages()).messages

  it('remembers what was said, and what came of it as state', async () => {
    expect(await say('chat', 'Add milk.')).toEqual({ data: { say: { reply: 'Noted: milk.', tasks: ['milk'] } } })
    await say('chat', 'Add two loaves of bread.')
    const tasks = ['milk', 'two loaves of bread']
    expect(await say('chat', 'What is left?')).toEqual({ data: { say: { reply: 'You have 2 tasks.', tasks } } })
    expect((await direct.memory.session('chat').state.get()).values).toEqual({ tasks })
    const all = await stored('chat')
    expect(all).toHaveLength(6)
    expect(await messages('chat')).toEqual({
      data: {
        messages: all.map(({ seq, role, content, createdAt }) => ({
          seq,
          role,
          content,
          createdAt: createdAt.toISOString(),
        })),
      },
    })
  })

  it('answers a turn that is sent again as it did before', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const first = await say('again', 'Add milk.', key)
    await say('again', 'Add bread.')
    expect(await say('again', 'Add milk.', key)).toEqual(first)
    expect(await stored('again')).toHaveLength(4)
    const { data, errors } = await say('again', 'Add salt.', key)
    expect([data, errors]).toMatchObject([null, [{ extensions: { code: 'OPERATION_REUSED', retryable: false } }]])
  })

  it('takes one turn after the other, and loses none', async () => {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((task) => say('together', `Add ${task}.`)))
    const { data } = await say('together', 'What is left?')
    expect(data?.say?.tasks.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await stored('together')).toHaveLength(12)
  })

  it('has two turns in one request', async () => {
    const query = `mutation { a: say(sessionId: "two", message: "Add a.") { reply } b: say(sessionId: "two", message: "Add b.") { tasks } }`
    const key = { 'idempotency-key': randomUUID() }
    const first = await ask(query, {}, key)
    expect(first).toEqual({ data: { a: { reply: 'Noted: a.' }, b: { tasks: ['a', 'b'] } } })
    expect(await ask(query, {}, key)).toEqual(first)
    expect(await stored('two')).toHaveLength(4)
  })

  it('has no session of one user for another', async () => {
    await say('own', 'Add milk.')
    const grace = { 'x-user-id': 'grace' }
    for (const { data, errors } of [await say('own', 'Add poison.', grace), await messages('own', grace)])
      expect([data, errors]).toMatchObject([null, [{ extensions: { code: 'SESSION_NOT_FOUND' } }]])
    expect(await stored('own')).toHaveLength(2)
  })

  it('says so while Redis is away, and goes on after it', async () => {
    const key = { 'idempotency-key': randomUUID() }
    await say('away', 'Add milk.')
    await proxy.refuse()
    const answers = await Promise.all([say('away', 'Add bread.', key), messages('away')])
    expect(proxy.faults.cut).toBeGreaterThan(0)
    for (const { data, errors } of answers)
      expect([data, errors]).toMatchObject([null, [{ extensions: { code: 'UNAVAILABLE', retryable: true } }]])
    await proxy.restore()
    await poll(async () => (await say('away', 'Add bread.', key)).errors === undefined)
    expect(await stored('away')).toHaveLength(4)
  })
})
