import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import type { INestApplication, Type } from '@nestjs/common'
import type { TestingModule } from '@nestjs/testing'
import {
  createMemoryTestingModule,
  FaultProxy,
  type MemoryTestingModule,
  type TestRedis,
} from 'nestjs-agent-memory/testing'
import { poll } from '../../../support/poll.js'
import { RecordingLogger } from '../../../support/recording-logger.js'
import { reachesAll } from '../../../support/reaches-all.js'

/** An application behind a proxy that can lose it Redis, and what it logs. */
export interface FilteredApp {
  readonly tested: MemoryTestingModule
  readonly proxy: FaultProxy
  readonly logger: RecordingLogger
}

export interface FilteredAppOptions {
  readonly AppModule: Type
  readonly createApplication: (module: TestingModule, logger: RecordingLogger) => INestApplication
  readonly listen?: boolean
}

/** For all tests of the suite; before each of them the memory has its connection, and nothing is logged. */
export const useFilteredApp = (
  redis: TestRedis,
  { AppModule, createApplication, listen = false }: FilteredAppOptions,
): FilteredApp => {
  const logger = new RecordingLogger()
  let proxy: FaultProxy
  let tested: MemoryTestingModule
  beforeAll(async () => {
    proxy = await FaultProxy.before(redis)
    tested = await createMemoryTestingModule({
      redis,
      through: proxy,
      imports: [AppModule],
      createApplication: (module) => createApplication(module, logger),
      listen,
    })
    await tested.memory
      .session('owned', { userId: 'ada' })
      .append({ role: 'user', content: 'a' }, { operationId: 'turn-1' })
  })
  beforeEach(async () => {
    await proxy.restore()
    await poll(() => reachesAll(tested.memory))
    logger.lines.length = 0
  })
  afterAll(async () => {
    await tested.close()
    await proxy.close()
  })
  return {
    get tested() {
      return tested
    },
    get proxy() {
      return proxy
    },
    logger,
  }
}
