import { Controller, Get, Inject, type INestApplication } from '@nestjs/common'
import { HealthCheckService, TerminusModule } from '@nestjs/terminus'
import { Test } from '@nestjs/testing'
import { afterEach, describe, expect, it } from '@jest/globals'
import { AgentMemoryHealthIndicator, MemoryModule, type ConnectionOptions } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { listenTcp } from '../module/tcp-listener.js'

@Controller('health')
class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(AgentMemoryHealthIndicator) private readonly memory: AgentMemoryHealthIndicator,
  ) {}

  @Get()
  check() {
    return this.health.check([() => this.memory.isHealthy('memory')])
  }
}

let app: INestApplication | undefined

const boot = async (connection: ConnectionOptions): Promise<INestApplication> => {
  const module = await Test.createTestingModule({
    imports: [
      TerminusModule.forRoot({ logger: false }),
      MemoryModule.forRoot({ connection, resilience: { deadline: 300 } }),
    ],
    controllers: [HealthController],
  }).compile()
  app = module.createNestApplication()
  await app.listen(0, '127.0.0.1')
  return app
}

const probe = async (booted: INestApplication) => {
  const response = await fetch(`${await booted.getUrl()}/health`, { headers: { connection: 'close' } })
  return { status: response.status, body: await response.json() }
}

const down = (code: string) => ({
  status: 503,
  body: expect.objectContaining({ status: 'error', error: { memory: { status: 'down', code } } }),
})

afterEach(async () => {
  await app?.close()
  app = undefined
})

describeWithRedis('AgentMemoryHealthIndicator with Terminus, on a server that answers', (redis) => {
  it('is up', async () => {
    const booted = await boot({ url: redis.url })
    expect(await probe(booted)).toEqual({
      status: 200,
      body: {
        status: 'ok',
        info: { memory: { status: 'up', pingMs: expect.any(Number) } },
        error: {},
        details: { memory: { status: 'up', pingMs: expect.any(Number) } },
      },
    })
  })

  it('opens no connection for a probe', async () => {
    const booted = await boot({ url: redis.url })
    await probe(booted)
    const admin = redis.client()
    const created = async (): Promise<number> =>
      Number(/total_connections_received:(\d+)/.exec(await admin.info('stats'))?.[1])
    const health = booted.get(AgentMemoryHealthIndicator)
    // The server may be shared with other suites: one time at which none of them connects is proof enough.
    const opensNone = await poll(async () => {
      const before = await created()
      await Promise.all(Array.from({ length: 20 }, () => health.isHealthy('memory')))
      return (await created()) === before
    })
    expect(opensNone).toBe(true)
  })

  it('works without Terminus, under the name it is given', async () => {
    const booted = await boot({ url: redis.url })
    const health = booted.get(AgentMemoryHealthIndicator)
    expect(await health.isHealthy()).toEqual({ memory: { status: 'up', pingMs: expect.any(Number) } })
    expect(await health.isHealthy('chat')).toEqual({ chat: { status: 'up', pingMs: expect.any(Number) } })
  })
})

describe('AgentMemoryHealthIndicator with Terminus, on a server that does not', () => {
  it('is down while nothing listens', async () => {
    const listener = await listenTcp()
    await listener.close()
    const booted = await boot({ host: '127.0.0.1', port: listener.port })
    expect(await probe(booted)).toEqual(down('UNAVAILABLE'))
  })

  it('is down, within the deadline, while the server says nothing', async () => {
    const listener = await listenTcp()
    try {
      const booted = await boot({ host: '127.0.0.1', port: listener.port, password: 'hunter2' })
      const start = performance.now()
      const answer = await probe(booted)
      expect(answer).toEqual(down('TIMEOUT'))
      expect(performance.now() - start).toBeLessThan(3_000)
      expect(JSON.stringify(answer)).not.toMatch(/hunter2|127\.0\.0\.1/)
    } finally {
      await listener.close()
    }
  })

  it('is down, and does not throw, after the application was closed', async () => {
    const listener = await listenTcp()
    await listener.close()
    const booted = await boot({ host: '127.0.0.1', port: listener.port })
    const health = booted.get(AgentMemoryHealthIndicator)
    await booted.close()
    expect(await health.isHealthy('memory')).toEqual({ memory: { status: 'down', code: 'SHUTDOWN' } })
  })
})
