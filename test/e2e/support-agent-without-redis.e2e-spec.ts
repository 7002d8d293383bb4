import { once } from 'node:events'
import { createServer } from 'node:net'
import type { INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import { AgentClient, type WireError } from '../support/agent-client.js'

/** A port of 127.0.0.1 on which nothing listens. */
const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return address.port
}

describe('the support agent while Redis is away', () => {
  const before = process.env.REDIS_URL
  let app: INestApplication
  let client: AgentClient

  beforeAll(async () => {
    process.env.REDIS_URL = `redis://127.0.0.1:${await closedPort()}`
    app = await NestFactory.create(AppModule, { logger: false })
    await app.listen(0, '127.0.0.1')
    client = new AgentClient(await app.getUrl())
  })

  afterAll(async () => {
    await app.close()
    if (before === undefined) delete process.env.REDIS_URL
    else process.env.REDIS_URL = before
  })

  it('starts, and GET health says that the memory is down', async () => {
    const { status, body } = await client.request<Record<string, unknown>>('GET', '/health')
    expect(status).toBe(503)
    expect(body).toMatchObject({ status: 'error', error: { memory: { status: 'down' } } })
  })

  it('answers 503 on every route, with when to come back, and never with an empty memory', async () => {
    const answers = await Promise.all([
      client.send<WireError>('chat', { content: 'Hello.' }),
      client.send<WireError>('chat', { content: 'Hello.' }, { accept: 'text/event-stream' }),
      client.get<WireError>('chat', 'messages'),
      client.get<WireError>('chat', 'context'),
      client.get<WireError>('chat', 'state'),
      client.delete('chat'),
    ])
    for (const { status, body, headers } of answers) {
      expect(status).toBe(503)
      expect(body).toMatchObject({ status: 503, code: 'UNAVAILABLE', retryable: true })
      expect(headers.get('retry-after')).toBe('1')
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/u)
    }
  })
})
