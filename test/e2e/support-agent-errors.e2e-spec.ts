import { expect, it } from '@jest/globals'
import { createMemoryTestingModule, describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import { LanguageModel } from '../../sample/01-support-agent/src/model/language-model.js'
import { AgentClient } from '../support/agent-client.js'
import { poll } from '../support/poll.js'
import { succeeds } from '../support/succeeds.js'

/** Loses Redis within its first answer. */
class LosingModel extends LanguageModel {
  #lost = false

  constructor(private readonly proxy: FaultProxy) {
    super()
  }

  async *stream(): AsyncGenerator<string> {
    yield 'Good '
    if (!this.#lost) {
      this.#lost = true
      await this.proxy.refuse()
      this.proxy.cut()
    }
    yield 'morning.'
  }
}

describeWithRedis('the support agent that loses Redis within an answer', (redis) => {
  it('says so in the stream, and completes the turn when it is sent again', async () => {
    await using proxy = await FaultProxy.before(redis)
    await using agent = await createMemoryTestingModule({
      redis,
      through: proxy,
      imports: [AppModule],
      override: (builder) => builder.overrideProvider(LanguageModel).useValue(new LosingModel(proxy)),
      createApplication: (module) => module.createNestApplication({ logger: false }),
      listen: true,
    })
    const client = new AgentClient(agent.url ?? '')
    const say = async (): Promise<string> => {
      const headers = { accept: 'text/event-stream', 'idempotency-key': 'turn-1' }
      const response = await client.fetch('POST', '/agents/chat/messages', headers, { content: 'Hello.' })
      expect(response.status).toBe(201)
      return response.text()
    }

    const broken = await say()
    expect(proxy.faults.cut).toBeGreaterThan(0)
    const [, problem = ''] = /event: error\ndata: (.*)\n\n$/u.exec(broken) ?? []
    expect(JSON.parse(problem)).toMatchObject({
      type: 'about:blank',
      status: 503,
      code: 'UNAVAILABLE',
      retryable: true,
      operationId: 'turn-1:assistant',
    })

    await proxy.restore()
    await poll(() => succeeds(agent.memory.session('chat').info()))
    expect(await say()).toMatch(/event: reply\n.*\n\n$/u)
    const { messages } = await agent.memory.session('chat').messages()
    expect(messages).toMatchObject([{ content: 'Hello.' }, { content: 'Good morning.' }])
  })
})
