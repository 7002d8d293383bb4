import { Controller, Get, Injectable, Module } from '@nestjs/common'
import { expect, it } from '@jest/globals'
import { MemoryConfigError } from '../../../lib/errors/memory-config.error.js'
import { MemoryModule } from '../../../lib/memory.module.js'
import { MemoryService } from '../../../lib/memory.service.js'
import { describeWithRedis } from '../../../lib/testing/describe-with-redis.js'
import { expectNoImmortalKeys } from '../../../lib/testing/expect-no-immortal-keys.js'
import { RealRedis } from '../../../lib/testing/real-redis/real-redis.js'
import { createMemoryTestingModule } from '../../../lib/testing/testing-module/create-memory-testing-module.js'

@Injectable()
class Greeter {
  greet(): string {
    return 'hello'
  }
}

@Controller('greeting')
class GreetingController {
  constructor(private readonly greeter: Greeter) {}

  @Get()
  greeting(): { greeting: string } {
    return { greeting: this.greeter.greet() }
  }
}

/** An application as it would run in production: nothing listens at its address here. */
@Module({
  imports: [MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' }, namespace: 'production' })],
  controllers: [GreetingController],
  providers: [Greeter],
})
class AppModule {}

const hello = { role: 'user', content: 'Hello' } as const

const clientsOf = async (server: RealRedis): Promise<number> => {
  const list: unknown = await server.client().call('CLIENT', 'LIST', 'TYPE', 'normal')
  return String(list).trim().split('\n').length
}

describeWithRedis(
  'createMemoryTestingModule',
  (redis) => {
    const keysOf = (namespace: string): Promise<string[]> => redis.client().keys(`am:{${namespace}[:.]*`)

    it("puts the application's own module on the test server, in a namespace of its own", async () => {
      await using first = await createMemoryTestingModule({ redis, imports: [AppModule] })
      await using second = await createMemoryTestingModule({ redis, imports: [AppModule] })
      expect(first.namespace).not.toBe(second.namespace)
      expect(first.app.get(MemoryService, { strict: false })).toBe(first.memory)
      await first.memory.session('chat').append(hello)
      expect((await first.memory.session('chat').messages()).messages).toMatchObject([hello])
      expect((await second.memory.session('chat').messages()).messages).toEqual([])
      expect(await keysOf(first.namespace)).toHaveLength(1)
      expect(await expectNoImmortalKeys(redis, { pattern: `am:{${first.namespace}:*` })).toBe(1)
    })

    it('removes its own keys on close, those of named memories too, and no others', async () => {
      const client = redis.client()
      const mine = await createMemoryTestingModule({ redis, imports: [AppModule] })
      const { namespace } = mine
      await mine.memory.session('chat').append(hello)
      const others = [`am:{${namespace}2:~:s:x}`, `am:{x${namespace}:~:s:x}`, namespace]
      await Promise.all(others.map((key) => client.set(key, '', 'EX', 60)))
      await client.set(`am:{${namespace}.billing:~:s:x}`, '', 'EX', 60)
      await mine.close()
      expect(await keysOf(namespace)).toEqual([])
      expect(await client.exists(...others)).toBe(3)
      await client.del(...others)
    })

    it('closes once, however often it is asked to', async () => {
      let closed = 0
      const mine = await createMemoryTestingModule({
        redis,
        imports: [AppModule],
        providers: [{ provide: 'probe', useValue: { onModuleDestroy: () => void (closed += 1) } }],
      })
      await Promise.all([mine.close(), mine.close()])
      await mine.close()
      await mine[Symbol.asyncDispose]()
      expect(closed).toBe(1)
    })

    it('takes overrides and listens', async () => {
      await using mine = await createMemoryTestingModule({
        redis,
        imports: [AppModule],
        override: (builder) => builder.overrideProvider(Greeter).useValue({ greet: () => 'overridden' }),
        listen: true,
      })
      expect(mine.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      const response = await fetch(`${mine.url}/greeting`)
      expect(await response.json()).toEqual({ greeting: 'overridden' })
    })

    it('makes the application it is told to make, with or without HTTP', async () => {
      await using prefixed = await createMemoryTestingModule({
        redis,
        imports: [AppModule],
        createApplication: (module) => module.createNestApplication().setGlobalPrefix('api'),
        listen: true,
      })
      expect((await fetch(`${prefixed.url}/api/greeting`)).status).toBe(200)
      await using bare = await createMemoryTestingModule({
        redis,
        imports: [AppModule],
        createApplication: (module) => module,
      })
      expect(bare.app).toBe(bare.module)
      expect((await bare.memory.session('chat').info()).exists).toBe(false)
      await expect(
        createMemoryTestingModule({ redis, imports: [AppModule], createApplication: (module) => module, listen: true }),
      ).rejects.toThrow('listen: true needs an HTTP application')
    })

    it('lets a second application go on where the first one stopped', async () => {
      const first = await createMemoryTestingModule({ redis, imports: [AppModule], cleanUp: false })
      await first.memory.session('chat').append(hello)
      await first.close()
      await using second = await createMemoryTestingModule({ redis, imports: [AppModule], namespace: first.namespace })
      expect((await second.memory.session('chat').messages()).messages).toMatchObject([hello])
      await second.close()
      expect(await keysOf(first.namespace)).toEqual([])
    })

    it('leaves nothing open when the application cannot be put together or does not start', async () => {
      await using own = await RealRedis.start({ backend: 'binary' })
      const before = await clientsOf(own)
      const missing = { provide: 'needy', useFactory: () => 0, inject: ['missing'] }
      await expect(
        createMemoryTestingModule({ redis: own, imports: [AppModule], providers: [missing] }),
      ).rejects.toThrow(/missing/)
      const failing = { provide: 'failing', useValue: { onModuleInit: () => Promise.reject(new Error('not today')) } }
      await expect(
        createMemoryTestingModule({ redis: own, imports: [AppModule], providers: [failing] }),
      ).rejects.toThrow('not today')
      const invalid = MemoryModule.forRoot({ connection: { url: 'redis://x' }, session: { ttl: '0s' } })
      await expect(createMemoryTestingModule({ redis: own, imports: [invalid] })).rejects.toBeInstanceOf(
        MemoryConfigError,
      )
      // One more for the client that counted last.
      expect(await clientsOf(own)).toBe(before + 1)
    })

    it('refuses to run an application that has no memory, and a namespace that cannot be its own', async () => {
      await expect(createMemoryTestingModule({ redis, imports: [] })).rejects.toThrow('found no MemoryModule.forRoot')
      await expect(createMemoryTestingModule({ redis, imports: [AppModule], namespace: 'a.b' })).rejects.toThrow(
        'namespace must be 1 to 64 characters',
      )
    })

    const collected = createMemoryTestingModule({ redis, imports: [AppModule] }).catch((error: unknown) => error)

    it('says so when it is called while tests are collected, before the server is up', async () => {
      expect(await collected).toMatchObject({ message: expect.stringContaining('use it inside hooks and tests') })
    })

    it('is closed by the server when that stops', async () => {
      const own = await RealRedis.start({ backend: 'binary' })
      let closed = 0
      await createMemoryTestingModule({
        redis: own,
        imports: [AppModule],
        providers: [{ provide: 'probe', useValue: { onModuleDestroy: () => void (closed += 1) } }],
      })
      await own.stop()
      expect(closed).toBe(1)
    })
  },
  { standalone: 'it is about RealRedis' },
)
