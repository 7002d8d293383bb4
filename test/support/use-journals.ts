import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from '@jest/globals'
import type { INestApplicationContext } from '@nestjs/common'
import { MemoryModule, type MemoryModuleOptions, type MemoryService } from 'nestjs-agent-memory'
import {
  createMemoryTestingModule,
  FaultProxy,
  type MemoryTestingModule,
  type TestRedis,
} from 'nestjs-agent-memory/testing'
import { poll } from './poll.js'

type Tested = MemoryTestingModule<INestApplicationContext>

/** Memories with a journal, behind a proxy: for each test a directory and a proxy of its own. */
export interface Journals {
  readonly directory: string
  readonly proxy: FaultProxy
  /** Boots one; it is closed when the test is over. */
  readonly boot: (options?: Partial<MemoryModuleOptions>, module?: BootOptions) => Promise<Tested>
}

export interface BootOptions {
  readonly namespace?: string
  /** Without it, the memory goes to the server itself. */
  readonly through?: boolean
  /** For the first of two under one namespace. */
  readonly cleanUp?: boolean
}

export const useJournals = (redis: TestRedis): Journals => {
  let directory: string
  let proxy: FaultProxy
  const open: Tested[] = []
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'agent-memory-journal-'))
    proxy = await FaultProxy.before(redis)
  })
  afterEach(async () => {
    await proxy.restore()
    for (const tested of open.splice(0)) await tested.close()
    await proxy.close()
    await rm(directory, { recursive: true })
  })
  return {
    get directory() {
      return directory
    },
    get proxy() {
      return proxy
    },
    boot: async ({ resilience, ...others } = {}, { through = true, namespace, cleanUp } = {}) => {
      const tested = await createMemoryTestingModule({
        redis,
        ...(through && { through: proxy }),
        namespace,
        cleanUp,
        imports: [
          MemoryModule.forRoot({
            connection: proxy.connection,
            resilience: { deadline: '500ms', onOutage: 'journal', journal: { directory }, ...resilience },
            ...others,
          }),
        ],
        createApplication: (compiled) => compiled.createNestApplication({ logger: false }),
      })
      open.push(tested)
      return tested
    },
  }
}

export const contentsOf = async (memory: MemoryService, id: string, userId?: string): Promise<unknown[]> =>
  (await memory.session(id, { userId }).messages()).messages.map(({ content }) => content)

/** Resolves when nothing waits in the journal any more. */
export const replayed = (memory: MemoryService): Promise<boolean> =>
  poll(() => memory.status().journal?.entries === 0, 10_000)
