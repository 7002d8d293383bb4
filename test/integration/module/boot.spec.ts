import { once } from 'node:events'
import { connect } from 'node:net'
import { Module } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  MemoryConfigError,
  MemoryModule,
  MemoryService,
  MemoryShutdownError,
  MemoryTimeoutError,
  MemoryUnavailableError,
  type MemoryModuleOptions,
} from 'nestjs-agent-memory'
import { poll } from '../../support/poll.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { callUntyped } from './call-untyped.js'
import { listenTcp, type Listener } from './tcp-listener.js'

@Module({
  providers: [
    {
      provide: 'BROKEN',
      // Later than whatever the memory might start by itself.
      inject: [MemoryService],
      useFactory: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        throw new Error('this application cannot be put together')
      },
    },
  ],
})
class BrokenModule {}

const isolate = (options: MemoryModuleOptions) => Test.createTestingModule({ imports: [MemoryModule.forRoot(options)] })

const firstLine = async (options: MemoryModuleOptions): Promise<string> => {
  const logger = new RecordingLogger()
  const app = (await isolate(options).compile()).createNestApplication({ logger })
  await app.init()
  const line = await poll(() => logger.ofMemory[0])
  await app.close()
  return line.text
}

describe('the boot of an application', () => {
  let listener: Listener
  beforeEach(async () => {
    listener = await listenTcp()
  })
  afterEach(() => listener.close())

  const connection = () => ({ host: '127.0.0.1', port: listener.port })

  /** Whatever was about to connect has done so when a connection that began later has arrived. */
  const acceptedInTheEnd = async (): Promise<number> => {
    const before = listener.accepted
    const probe = connect(listener.port, '127.0.0.1')
    await once(probe, 'connect')
    await poll(() => listener.accepted > before)
    probe.destroy()
    await poll(() => listener.open === 0)
    return listener.accepted - 1
  }

  const wrong = { session: { ttl: 60, maxMessages: 0 }, namespace: 'a b', user: {} }

  it.each([
    ['forRoot', (options: object) => callUntyped('forRoot', options)],
    ['forRootAsync', (options: object) => callUntyped('forRootAsync', { useFactory: () => options })],
  ])('fails with every problem in one error and without a connection, with %s', async (_, register) => {
    const options = { ...wrong, connection: connection(), connectOnBoot: 'required' }
    const compiling = Test.createTestingModule({ imports: [register(options)] }).compile()
    await expect(compiling).rejects.toBeInstanceOf(MemoryConfigError)
    await expect(compiling).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ path: 'user' }, { path: 'namespace' }, { path: 'session.ttl' }, { path: 'session.maxMessages' }],
    })
    expect(await acceptedInTheEnd()).toBe(0)
  })

  it.each(['background', 'required'] as const)(
    'that fails elsewhere leaves no connection, with connectOnBoot %s',
    async (connectOnBoot) => {
      const memory = MemoryModule.forRoot({ connection: connection(), connectOnBoot, isGlobal: true })
      const compiling = Test.createTestingModule({ imports: [memory, BrokenModule] }).compile()
      await expect(compiling).rejects.toThrow('this application cannot be put together')
      expect(await acceptedInTheEnd()).toBe(0)
    },
  )

  it('connects when the application starts, and not before', async () => {
    const app = await isolate({ connection: connection() }).compile()
    expect(await acceptedInTheEnd()).toBe(0)
    await app.init()
    await poll(() => listener.open === 1)
    await app.close()
    await poll(() => listener.open === 0)
  })

  it('waits for the server, bounded, when it is required, and leaves nothing open', async () => {
    const app = await isolate({
      connection: connection(),
      connectOnBoot: 'required',
      resilience: { deadline: 200 },
    }).compile()
    const start = performance.now()
    await expect(app.init()).rejects.toBeInstanceOf(MemoryTimeoutError)
    expect(performance.now() - start).toBeLessThan(3_000)
    await poll(() => listener.open === 0)
    const { accepted } = listener
    // Longer than a client that goes on trying would pause after so few tries.
    await expect(poll(() => listener.accepted > accepted, 500)).rejects.toThrow('not so within 500 ms')
  })

  it('does not wait for a server that is away, unless it is required', async () => {
    await listener.close()
    const app = await isolate({ connection: connection(), resilience: { deadline: 200 } }).compile()
    await app.init()
    const session = app.get(MemoryService).session('s')
    await expect(session.append({ role: 'user', content: 'hello' })).rejects.toBeInstanceOf(MemoryUnavailableError)
    await app.close()
    await expect(session.append({ role: 'user', content: 'hello' })).rejects.toBeInstanceOf(MemoryShutdownError)
    listener = await listenTcp()
  })

  it('says in the log why there is no connection', async () => {
    const resilience = { deadline: 200 }
    const silent = await firstLine({ connection: connection(), resilience })
    expect(silent).toBe('Redis cannot be reached: it takes connections, and gives no answer; trying on')
    const nothing = await firstLine({ connection: { host: '127.0.0.1', port: 1 }, resilience })
    expect(nothing).toBe('Redis cannot be reached: nothing listens at the address (ECONNREFUSED); trying on')
  })

  it('closes an application that was compiled and never started', async () => {
    const app = await isolate({ connection: connection() }).compile()
    await app.close()
    expect(await acceptedInTheEnd()).toBe(0)
  })
})
