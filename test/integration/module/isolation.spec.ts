import { Controller, Get, Inject, Injectable, Module, type OnModuleDestroy } from '@nestjs/common'
import { Test, type TestingModule } from '@nestjs/testing'
import { expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import {
  MemoryModule,
  MemoryService,
  MemoryShutdownError,
  type ConnectionOptions,
  type MessageInput,
} from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { onEachMaster } from '../../support/on-each-master.js'
import { poll } from '../../support/poll.js'

const hello: MessageInput = { role: 'user', content: 'hello' }
const namespaceOf = (name: string): string => `test-${name}-${randomUUID()}`

const contentOf = async (app: TestingModule, id: string) =>
  (await app.get(MemoryService).session(id).messages()).messages.map(({ content }) => content)

const named = (connection: ConnectionOptions, connectionName: string): ConnectionOptions => {
  if ('cluster' in connection)
    return { cluster: { ...connection.cluster, options: { redisOptions: { connectionName } } } }
  if ('sentinel' in connection) return { sentinel: { ...connection.sentinel, connectionName } }
  return { ...connection, connectionName }
}

describeWithRedis('applications in one process', (redis) => {
  const start = async (namespace: string, connection: ConnectionOptions = redis.connection): Promise<TestingModule> => {
    const imports = [MemoryModule.forRoot({ connection, namespace, session: { ttl: '1m' }, summary: { ttl: '1m' } })]
    const app = await Test.createTestingModule({ imports }).compile()
    return app.init()
  }

  it('share nothing', async () => {
    const [one, other] = await Promise.all([start(namespaceOf('one')), start(namespaceOf('other'))])
    expect(one.get(MemoryService)).not.toBe(other.get(MemoryService))
    await one.get(MemoryService).session('s').append(hello)
    expect(await contentOf(other, 's')).toEqual([])

    await one.close()
    await expect(contentOf(one, 's')).rejects.toBeInstanceOf(MemoryShutdownError)
    await other.get(MemoryService).session('s').append({ role: 'user', content: 'still here' })
    expect(await contentOf(other, 's')).toEqual(['still here'])
    await other.close()
  })

  it('leave a client they were handed as it was', async () => {
    const client = redis.client()
    await client.ping()
    const names = ['error', 'ready', 'close', 'end', 'connect', 'reconnecting']
    const listeners = () => names.map((name) => client.listenerCount(name))
    const before = { listeners: listeners(), options: { ...client.options } }

    const app = await start(namespaceOf('client'), { client })
    await app.get(MemoryService).session('s').append(hello)
    expect(await contentOf(app, 's')).toEqual(['hello'])
    await app.close()

    expect(client.status).toBe('ready')
    expect({ listeners: listeners(), options: { ...client.options } }).toEqual(before)
    expect(await client.ping()).toBe('PONG')
  })

  it('close their connection and no other', async () => {
    const name = `name-${randomUUID()}`
    const connectionsOf = async (): Promise<number> => {
      const lists = await onEachMaster(redis, (admin) => admin.client('LIST'))
      return lists.flatMap((list) => String(list).split('\n')).filter((line) => line.includes(` name=${name} `)).length
    }

    const app = await start(namespaceOf('closing'), named(redis.connection, name))
    await app.get(MemoryService).session('s').info()
    // One to each master.
    expect(await connectionsOf()).toBe({ standalone: 1, sentinel: 1, cluster: 3 }[redis.topology])
    await app.close()
    await poll(async () => (await connectionsOf()) === 0)
  })

  it('serve the modules and requests that are still at work while they close', async () => {
    const said: string[] = []

    @Injectable()
    class Farewell implements OnModuleDestroy {
      constructor(@Inject(MemoryService) private readonly memory: MemoryService) {}

      async onModuleDestroy(): Promise<void> {
        const { stored } = await this.memory.session('s').append({ role: 'assistant', content: 'goodbye' })
        said.push(stored)
      }
    }

    @Controller()
    class SlowController {
      static arrived = false
      constructor(@Inject(MemoryService) private readonly memory: MemoryService) {}

      @Get()
      async slow(): Promise<string> {
        SlowController.arrived = true
        await poll(() => said.length > 0)
        const { stored } = await this.memory.session('s').append(hello)
        return stored
      }
    }

    @Module({ imports: [MemoryModule], providers: [Farewell], controllers: [SlowController] })
    class WorkModule {}

    const options = { connection: redis.connection, namespace: namespaceOf('work'), session: { ttl: '1m' } } as const
    const module = await Test.createTestingModule({ imports: [MemoryModule.forRoot(options), WorkModule] }).compile()
    const app = module.createNestApplication()
    await app.listen(0, '127.0.0.1')
    const response = fetch(await app.getUrl(), { headers: { connection: 'close' } })
    await poll(() => SlowController.arrived)

    await app.close()
    expect(said).toEqual(['redis'])
    const answer = await response
    expect([answer.status, await answer.text()]).toEqual([200, 'redis'])
  })
})
