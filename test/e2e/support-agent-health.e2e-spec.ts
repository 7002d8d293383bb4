import { afterAll, beforeAll, expect, it } from '@jest/globals'
import {
  createMemoryTestingModule,
  describeWithRedis,
  FaultProxy,
  type MemoryTestingModule,
} from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import { AgentClient } from '../support/agent-client.js'
import { poll } from '../support/poll.js'

const ROUTES = ['/health', '/health/ready', '/health/live']

describeWithRedis('the health of the support agent', (redis) => {
  let proxy: FaultProxy
  let agent: MemoryTestingModule
  let client: AgentClient

  beforeAll(async () => {
    proxy = await FaultProxy.before(redis)
    agent = await createMemoryTestingModule({
      redis,
      through: proxy,
      imports: [AppModule],
      createApplication: (module) => module.createNestApplication({ logger: false }),
      listen: true,
    })
    client = new AgentClient(agent.url ?? '')
  })
  afterAll(async () => {
    await proxy.restore()
    await agent.close()
    await proxy.close()
  })

  const statuses = async (): Promise<number[]> => {
    const answers = await Promise.all(ROUTES.map((route) => client.request('GET', route)))
    return answers.map(({ status }) => status)
  }

  it('GET /health tells how the memory and its server are', async () => {
    const { status, body } = await client.request<Record<string, unknown>>('GET', '/health')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'ok',
      info: { memory: { status: 'up', breaker: 'closed', server: { role: 'master', usedMemory: expect.any(Number) } } },
    })
  })

  it('is alive and not ready while Redis is away, and ready when it is back', async () => {
    expect(await statuses()).toEqual([200, 200, 200])
    await proxy.refuse()
    await poll(async () => (await statuses()).join() === '503,503,200')
    expect(proxy.faults.refused).toBeGreaterThan(0)
    await proxy.restore()
    await poll(async () => (await statuses()).join() === '200,200,200')
    expect((await client.send('chat', { content: 'Hello.' })).status).toBe(201)
  })
})
