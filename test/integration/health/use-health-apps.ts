import { Controller, Get, Inject } from '@nestjs/common'
import { HealthCheckService, TerminusModule } from '@nestjs/terminus'
import { afterEach } from '@jest/globals'
import {
  AgentMemoryHealthIndicator,
  MemoryModule,
  type AgentMemoryHealthOptions,
  type MemoryDown,
  type MemoryModuleOptions,
  type MemoryService,
  type MemoryUp,
} from 'nestjs-agent-memory'
import { createMemoryTestingModule, type MemoryTestingModuleOptions, type TestRedis } from 'nestjs-agent-memory/testing'

const OPTIONS = Symbol('options of the checks')

@Controller('health')
class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(AgentMemoryHealthIndicator) private readonly memory: AgentMemoryHealthIndicator,
    @Inject(OPTIONS) private readonly options: AgentMemoryHealthOptions | undefined,
  ) {}

  @Get()
  check() {
    return this.health.check([() => this.memory.isHealthy(undefined, this.options)])
  }

  @Get('ready')
  ready() {
    return this.health.check([() => this.memory.isReady(undefined, this.options)])
  }

  @Get('live')
  live() {
    return this.health.check([() => this.memory.isAlive()])
  }
}

/** What Terminus answers. */
export interface HealthBody {
  readonly status: 'ok' | 'error'
  readonly info: object
  readonly error: object
  readonly details: { readonly memory: MemoryUp | MemoryDown }
}

export interface HealthAnswer {
  readonly http: number
  readonly body: HealthBody
  /** Of the memory. */
  readonly memory: MemoryUp | MemoryDown
  /** Of the memory, where it has any. */
  readonly reasons: readonly string[]
  /** How long the answer took, in ms. */
  readonly took: number
}

/** A Nest application with Terminus, and its routes over HTTP. */
export interface HealthApp {
  readonly memory: MemoryService
  readonly indicator: AgentMemoryHealthIndicator
  readonly namespace: string
  readonly health: () => Promise<HealthAnswer>
  readonly ready: () => Promise<HealthAnswer>
  readonly live: () => Promise<HealthAnswer>
  readonly close: () => Promise<void>
}

export interface HealthAppOptions extends Omit<MemoryModuleOptions, 'connection'> {
  /** Of the checks; by default nothing is cached. */
  readonly check?: AgentMemoryHealthOptions | undefined
  readonly through?: { readonly url: string }
  readonly imports?: MemoryTestingModuleOptions['imports']
}

const get = async (url: string): Promise<HealthAnswer> => {
  const start = performance.now()
  const response = await fetch(url, { headers: { connection: 'close' } })
  const body = (await response.json()) as HealthBody
  const { memory } = body.details
  const reasons = 'reasons' in memory ? memory.reasons : []
  return { http: response.status, body, memory, reasons, took: performance.now() - start }
}

/** Boots applications, which are closed when the test is over. */
export const useHealthApps = (): ((redis: TestRedis, options?: HealthAppOptions) => Promise<HealthApp>) => {
  const open: HealthApp[] = []
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close()
  })
  return async (redis, { check = { cacheFor: 0 }, through, imports = [], ...options } = {}) => {
    const tested = await createMemoryTestingModule({
      redis,
      ...(through !== undefined && { through }),
      imports: [
        TerminusModule.forRoot({ logger: false }),
        // Its place is taken by that of the test.
        MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' }, ...options }),
        ...imports,
      ],
      controllers: [HealthController],
      providers: [{ provide: OPTIONS, useValue: check }],
      createApplication: (module) => module.createNestApplication({ logger: false }),
      listen: true,
    })
    const { app, memory, namespace, url } = tested
    const booted: HealthApp = {
      memory,
      indicator: app.get(AgentMemoryHealthIndicator),
      namespace,
      health: () => get(`${url}/health`),
      ready: () => get(`${url}/health/ready`),
      live: () => get(`${url}/health/live`),
      close: () => tested.close(),
    }
    open.push(booted)
    return booted
  }
}
