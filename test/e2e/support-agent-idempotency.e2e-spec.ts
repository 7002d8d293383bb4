import { beforeAll, expect, it } from '@jest/globals'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import { LanguageModel } from '../../sample/01-support-agent/src/model/language-model.js'
import { ModelError } from '../../sample/01-support-agent/src/model/model.error.js'
import { AgentClient, type WireError } from '../support/agent-client.js'

/** Never says the same twice, as models do, and can be told to fail. */
class MoodyModel extends LanguageModel {
  asked = 0
  failures = 0

  async *stream(): AsyncGenerator<string> {
    this.asked += 1
    const answer = `Answer ${this.asked}`
    yield answer
    if (this.failures > 0) {
      this.failures -= 1
      throw new ModelError('The language model broke off within its answer')
    }
    yield '.'
  }
}

describeWithRedis('a turn that is sent to the support agent more than once', (redis) => {
  const model = new MoodyModel()
  let agent: MemoryTestingModule
  let client: AgentClient
  let sessions = 0
  const newSession = (): string => `session-${++sessions}`
  const key = { 'idempotency-key': 'turn-1' }
  const stored = async (id: string) => (await client.messages(id)).body.messages

  beforeAll(async () => {
    agent = await createMemoryTestingModule({
      redis,
      imports: [AppModule],
      override: (builder) => builder.overrideProvider(LanguageModel).useValue(model),
      listen: true,
    })
    client = new AgentClient(agent.url ?? '')
  })

  it('is answered once: the second time with the first answer', async () => {
    const id = newSession()
    const body = { content: 'My name is Ada, from 10 March 2031.', state: { order: 'A-1' } }
    const first = await client.send(id, body, key)
    const before = await client.state(id)
    const asked = model.asked
    const second = await client.send(id, body, key)
    expect(second).toMatchObject({ status: 201, body: { ...first.body, duplicate: true } })
    expect(first.body.duplicate).toBe(false)
    expect(model.asked).toBe(asked)
    expect(await stored(id)).toEqual([first.body.message, first.body.reply])
    expect((await client.state(id)).body).toEqual(before.body)
  })

  it('is still known after other turns, and does not undo what they said', async () => {
    const id = newSession()
    const first = await client.send(id, { content: 'My name is Ada.', state: { order: 'A-1' } }, key)
    for (let turn = 2; turn <= 6; turn += 1) {
      await client.send(
        id,
        { content: 'My name is Grace.', state: { order: 'A-2' } },
        { 'idempotency-key': `turn-${turn}` },
      )
    }
    const again = await client.send(id, { content: 'My name is Ada.', state: { order: 'A-1' } }, key)
    expect(again.body).toEqual({ ...first.body, duplicate: true })
    expect(await stored(id)).toHaveLength(12)
    expect((await client.state(id)).body.values).toEqual({ name: 'Grace', order: 'A-2' })
  })

  it('is stored once when it comes eight times at once, and everyone gets the same answer', async () => {
    const id = newSession()
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.send(id, { content: 'Hello.' }, key)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201))
    const messages = await stored(id)
    expect(messages.map(({ role, seq }) => [role, seq])).toEqual([
      ['user', 1],
      ['assistant', 2],
    ])
    for (const { body } of answers) expect([body.message, body.reply]).toEqual(messages)
    expect(answers.filter(({ body }) => !body.duplicate)).toHaveLength(1)
  })

  it('is completed when the first attempt ended half-way', async () => {
    const id = newSession()
    model.failures = 1
    const first = await client.send<WireError>(id, { content: 'My name is Ada.' }, key)
    expect(first).toMatchObject({ status: 502, body: { code: 'MODEL_FAILED', retryable: true } })
    expect(await stored(id)).toMatchObject([{ role: 'user', seq: 1 }])
    const second = await client.send(id, { content: 'My name is Ada.' }, key)
    expect(second).toMatchObject({ status: 201, body: { message: { seq: 1 }, reply: { seq: 2 } } })
    expect(await stored(id)).toEqual([second.body.message, second.body.reply])
  })

  it('is refused when its key comes with something else', async () => {
    const id = newSession()
    await client.send(id, { content: 'Hello.' }, key)
    const others = [{ content: 'Hello!' }, { role: 'assistant', content: 'Hello.' }]
    for (const body of others) {
      const answer = await client.send<WireError>(id, body, key)
      expect(answer).toMatchObject({ status: 409, body: { code: 'OPERATION_REUSED', retryable: false } })
    }
    expect(await stored(id)).toHaveLength(2)
  })

  it('is another turn under another key, and in another conversation', async () => {
    const [id, other] = [newSession(), newSession()]
    await client.send(id, { content: 'Hello.' }, key)
    const again = await client.send(id, { content: 'Hello.' }, { 'idempotency-key': 'turn-2' })
    expect(again.body).toMatchObject({ duplicate: false, message: { seq: 3 } })
    expect((await client.send(other, { content: 'Hello.' }, key)).body.duplicate).toBe(false)
  })

  it('of a member of staff is stored once as well', async () => {
    const id = newSession()
    const body = { role: 'assistant', content: 'I take over.' }
    await client.send(id, body, key)
    expect((await client.send(id, body, key)).body.duplicate).toBe(true)
    expect(await stored(id)).toHaveLength(1)
  })
})
