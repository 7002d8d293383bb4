import {
  createMemoryTestingModule,
  describeWithRedis,
  expectNoImmortalKeys,
  isRedisAvailable,
  type MemoryTestingModule,
  RealRedis,
} from 'nestjs-agent-memory/testing'
import { MemoryModule } from 'nestjs-agent-memory'
import { Module } from '@nestjs/common'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

@Module({ imports: [MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' } })] })
class AppModule {}

const seen: RealRedis[] = []
const answers: string[] = []
const closed: string[] = []

const create = (redis: RealRedis, name: string): Promise<MemoryTestingModule> =>
  createMemoryTestingModule({
    redis,
    imports: [AppModule],
    providers: [{ provide: 'probe', useValue: { onModuleDestroy: () => void closed.push(name) } }],
  })

describeWithRedis(
  'the test kit under Vitest',
  (redis) => {
    seen.push(redis)
    let inHook: MemoryTestingModule
    beforeAll(async () => {
      inHook = await create(redis, 'in a hook')
    })
    afterAll(async () => void answers.push(await redis.client().ping()))

    it('finds and starts a server', () => {
      expect(isRedisAvailable()).toBe(true)
      expect(redis.version).toMatch(/^\d+\.\d+\.\d+$/)
    })

    it('starts a further one', async () => {
      const own = await RealRedis.start({ backend: 'binary' })
      await own.client().set('am:{x:~:s:1}', '')
      await expect(expectNoImmortalKeys(own)).rejects.toThrow('1 of 1 keys have no TTL')
      await own.stop()
    })

    it('boots an application whose keys all have a TTL', async () => {
      const inTest = await create(redis, 'in a test')
      const check = async ({ memory, namespace }: MemoryTestingModule): Promise<void> => {
        await memory.session('chat').append({ role: 'user', content: 'Hello' })
        expect((await memory.session('chat').messages()).messages).toHaveLength(1)
        expect(await expectNoImmortalKeys(redis, { pattern: `am:{${namespace}:*` })).toBe(1)
      }
      await Promise.all([check(inHook), check(inTest)])
      expect(closed).toEqual([])
    })
  },
  { standalone: 'it reads the URL of the server' },
)

describe('after the suite', () => {
  it('everything is closed, after the hooks of the suite', () => {
    expect(answers).toEqual(['PONG'])
    expect(closed.toSorted()).toEqual(['in a hook', 'in a test'])
    expect(seen).toHaveLength(1)
    expect(() => seen[0]?.url).toThrow('the server is not running')
  })
})
