import { Module } from '@nestjs/common'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { MemoryModule } from '../../../lib/memory.module.js'
import { RealRedis } from '../../../lib/testing/real-redis/real-redis.js'
import { createMemoryTestingModule } from '../../../lib/testing/testing-module/create-memory-testing-module.js'
import type { MemoryTestingModule } from '../../../lib/testing/testing-module/memory-testing-module.interface.js'

@Module({ imports: [MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' } })] })
class AppModule {}

const redis = await RealRedis.start()

const closed: string[] = []
const create = (name: string): Promise<MemoryTestingModule> =>
  createMemoryTestingModule({
    redis,
    imports: [AppModule],
    providers: [{ provide: 'probe', useValue: { onModuleDestroy: () => void closed.push(name) } }],
  })

describe('a testing module that nobody closes', () => {
  // Runs while Jest collects this file, so a hook of this suite can still be registered.
  const collected = create('collected')
  let inHook: MemoryTestingModule

  beforeAll(async () => {
    inHook = await create('in a hook')
  })

  it('works wherever it is created', async () => {
    const inTest = await create('in a test')
    const modules = [await collected, inHook, inTest]
    expect(new Set(modules.map(({ namespace }) => namespace)).size).toBe(3)
    expect(closed).toEqual([])
  })
})

describe('after its suite', () => {
  it('is closed when it was created while tests were collected', () => {
    expect(closed).toEqual(['collected'])
  })

  it('is closed when its server stops otherwise', async () => {
    await redis.stop()
    expect(closed.toSorted()).toEqual(['collected', 'in a hook', 'in a test'])
  })
})
