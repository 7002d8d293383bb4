import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { storing, type StoringMemory } from '../../support/storing-memory.js'
import { succeeds } from '../../support/succeeds.js'

const user = (content: string) => ({ role: 'user', content }) as const
const DEADLINE = 1_000
/** What a busy machine may add to it. */
const SOON = 500

describe('the connection by Sentinels', () => {
  let set: RealRedisSentinel
  const opened: QuietMemory[] = []
  beforeAll(async () => {
    set = await RealRedisSentinel.start({ backend: 'binary', replicas: 1 })
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]()
  })
  afterAll(() => set.stop())

  const open = async (): Promise<StoringMemory> => {
    const connection = { sentinel: { name: set.name, sentinels: [...set.sentinels] } }
    const one = await openQuietMemory({
      connection,
      namespace: `sentinel-${randomUUID()}`,
      resilience: { deadline: DEADLINE },
    })
    opened.push(one)
    return storing(one.memory)
  }

  it('is made when the Sentinels come, though all were down when the application started', async () => {
    const fault = await set.killSentinels()
    const memory = await open()
    for (let call = 0; call < 3; call++) {
      const since = performance.now()
      await expect(memory.session('early').append(user('hello'))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        executed: 'no',
        retryable: true,
        message: expect.stringContaining('no sentinel answers'),
      })
      expect(performance.now() - since).toBeLessThan(DEADLINE + SOON)
    }
    await fault.restore()
    await poll(() => succeeds(memory.session('early').append(user('hello'))))
    await set.settled()
  })

  it('goes on while the Sentinels are down, and prints nothing of them', async () => {
    const memory = await open()
    const session = memory.session('blind')
    await session.append(user('1'))
    const printed: unknown[] = []
    const { error: print } = console
    console.error = (...all: unknown[]) => void printed.push(all)
    try {
      const fault = await set.killSentinels()
      const late = await open()
      await expect(late.session('late').info()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      await session.append(user('2'))
      await fault.restore()
      await poll(() => succeeds(late.session('late').info()))
      await set.settled()
    } finally {
      console.error = print
    }
    expect((await session.messages()).messages).toHaveLength(2)
    expect(printed).toEqual([])
  })

  it('hears of a new master also from Sentinels that were away meanwhile, and follows', async () => {
    const memory = await open()
    const session = memory.session('follows')
    await session.append(user('1'))
    const former = await set.master()
    await (await set.killSentinels()).restore()
    await set.settled()
    const sentinels = set.sentinels.map(({ host, port }) => set.serverClient({ url: `redis://${host}:${port}` }))
    await poll(async () => {
      const clients = await Promise.all(sentinels.map((sentinel) => sentinel.client('LIST')))
      return clients.every((list) => String(list).includes(' sub=1 '))
    })
    await set.failover()
    const { port } = await set.master()
    expect(port).not.toBe(former.port)
    await poll(async () => {
      await session.append(user('2')).catch(() => undefined)
      const clients = String(await set.serverClient(await set.master()).client('LIST'))
      return clients.includes('name=agent-memory')
    })
  })
})
