import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Module, type INestApplicationContext } from '@nestjs/common'
import { LazyModuleLoader } from '@nestjs/core'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { getMemoryToken, MemoryModule, type MemoryService } from 'nestjs-agent-memory'
import {
  createMemoryTestingModule,
  describeWithRedis,
  FaultProxy,
  type MemoryTestingModule,
} from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { testKey } from '../../support/keys.js'
import { poll } from '../../support/poll.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { contentsOf, replayed } from '../../support/use-journals.js'

type Tested = MemoryTestingModule<INestApplicationContext>

const user = (content: string) => ({ role: 'user', content }) as const

/** Other keys, another limit: what another memory makes of its writes is not the same. */
const BILLING = MemoryModule.forFeature('billing', {
  session: { maxMessages: 2 },
  serialization: { encryption: { current: 'k2', keys: { k2: testKey(2) } } },
})

@Module({ imports: [BILLING] })
class BillingModule {}

const billingOf = ({ app }: Tested): MemoryService => app.get(getMemoryToken('billing'), { strict: false })

const keyIn = (namespace: string): string => sessionKey({ namespace, tenant: undefined, sessionId: 'same' })

describeWithRedis('named memories with a journal', (redis) => {
  let directory: string
  let proxy: FaultProxy
  let logger: RecordingLogger
  const open: Tested[] = []
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'agent-memory-journal-'))
    proxy = await FaultProxy.before(redis)
    logger = new RecordingLogger()
  })
  afterEach(async () => {
    await proxy.restore()
    for (const tested of open.splice(0)) await tested.close()
    await proxy.close()
    await rm(directory, { recursive: true })
  })

  const boot = async (
    features: (typeof BillingModule)[],
    { namespace, cleanUp }: { readonly namespace?: string; readonly cleanUp?: boolean } = {},
  ): Promise<Tested> => {
    const tested = await createMemoryTestingModule({
      redis,
      through: proxy,
      namespace,
      cleanUp,
      imports: [
        MemoryModule.forRoot({
          connection: proxy.connection,
          resilience: { deadline: '300ms', onOutage: 'journal', journal: { directory } },
          serialization: { encryption: { current: 'k1', keys: { k1: testKey(1) } } },
        }),
        ...features,
      ],
      createApplication: (compiled) => compiled.createNestApplication({ logger }),
    })
    open.push(tested)
    return tested
  }

  /** An application that ended while writes of both memories waited. */
  const leaveWaiting = async (): Promise<string> => {
    const first = await boot([BillingModule], { cleanUp: false })
    await proxy.refuse()
    await first.memory.session('same').append(user('of the root'))
    for (const content of ['1', '2', '3']) await billingOf(first).session('same').append(user(content))
    expect(first.memory.status().journal?.entries).toBe(4)
    await first.close()
    return first.namespace
  }

  const warnings = (): string[] =>
    logger.ofMemory.filter(({ level, text }) => level === 'warn' && text.includes('journal')).map(({ text }) => text)

  it('make what waits each by itself, with their own keys and limits', async () => {
    const tested = await boot([BillingModule])
    const { memory } = tested
    const billing = billingOf(tested)
    await memory.session('same').append(user('0'))
    await billing.session('same').append(user('0'))
    // On a slow machine the time of one may have been over.
    await replayed(memory)
    await proxy.refuse()
    for (const content of ['1', '2', '3']) {
      expect(await memory.session('same').append(user(content))).toMatchObject({ stored: 'journal' })
      expect(await billing.session('same').append(user(`bill ${content}`))).toMatchObject({ stored: 'journal' })
    }
    expect(await contentsOf(memory, 'same')).toEqual(['0', '1', '2', '3'])
    expect((await contentsOf(billing, 'same')).slice(-2)).toEqual(['bill 2', 'bill 3'])
    expect(memory.status().journal).toMatchObject({ entries: 6 })
    await proxy.restore()
    await replayed(memory)
    expect(memory.status().journal).toMatchObject({ entries: 0, aside: 0 })
    expect(await contentsOf(memory, 'same')).toEqual(['0', '1', '2', '3'])
    expect(await contentsOf(billing, 'same')).toEqual(['bill 2', 'bill 3'])
    const client = redis.client()
    expect(await client.hget(keyIn(tested.namespace), 'm:4')).toContain('k1')
    expect(await client.hget(keyIn(`${tested.namespace}.billing`), 'm:4')).toContain('k2')
    expect(proxy.faults.refused).toBeGreaterThan(0)
    expect(warnings()).toEqual([])
  })

  it('have what an earlier run left made by the memory whose it is', async () => {
    const namespace = await leaveWaiting()
    const tested = await boot([BillingModule], { namespace })
    await proxy.restore()
    await replayed(tested.memory)
    expect(tested.memory.status().journal).toMatchObject({ aside: 0 })
    expect(await contentsOf(tested.memory, 'same')).toEqual(['of the root'])
    expect(await contentsOf(billingOf(tested), 'same')).toEqual(['2', '3'])
    expect(warnings()).toEqual([])
  })

  it('leave alone what is of a memory that is no more, and say so once', async () => {
    const namespace = await leaveWaiting()
    await proxy.restore()
    const without = await boot([], { namespace, cleanUp: false })
    await poll(async () => (await contentsOf(without.memory, 'same')).length === 1)
    await poll(() => without.memory.status().journal?.entries === 3)
    await proxy.refuse()
    expect(await without.memory.session('same').append(user('again'))).toMatchObject({ stored: 'journal' })
    await proxy.restore()
    await poll(() => without.memory.status().journal?.entries === 3)
    expect(without.memory.status().journal).toMatchObject({ entries: 3, aside: 0 })
    expect(warnings()).toEqual([
      'the journal holds writes of 1 sessions whose memory this application does not have (yet); they wait for it',
    ])
    await without.close()
    const again = await boot([BillingModule], { namespace })
    await replayed(again.memory)
    expect(await contentsOf(billingOf(again), 'same')).toEqual(['2', '3'])
  })

  it('make what waits for them also when they are loaded after Redis was reached', async () => {
    const namespace = await leaveWaiting()
    await proxy.restore()
    const tested = await boot([], { namespace })
    await poll(() => tested.memory.status().journal?.entries === 3)
    const loaded = await tested.app.get(LazyModuleLoader).load(() => BillingModule)
    await replayed(tested.memory)
    const billing = loaded.get<MemoryService>(getMemoryToken('billing'), { strict: false })
    expect(await contentsOf(billing, 'same')).toEqual(['2', '3'])
  })
})
