import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { runTypeScript } from '../../support/run-typescript.js'
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
    const connection = { sentinel: { name: set.name, sentinels: set.sentinels } }
    const one = await openQuietMemory({
      connection,
      namespace: `sentinel-${randomUUID()}`,
      resilience: { deadline: DEADLINE },
    })
    opened.push(one)
    return storing(one.memory)
  }

  const untilListenedTo = async (): Promise<void> => {
    const sentinels = set.sentinels.map(({ host, port }) => set.serverClient({ url: `redis://${host}:${port}` }))
    await poll(async () => {
      const clients = await Promise.all(sentinels.map((sentinel) => sentinel.client('LIST')))
      return clients.every((list) => String(list).includes(' sub=1 '))
    })
    for (const sentinel of sentinels) sentinel.disconnect()
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

  it('goes on while the Sentinels are down', async () => {
    const session = (await open()).session('blind')
    await session.append(user('1'))
    const fault = await set.killSentinels()
    await session.append(user('2'))
    expect((await session.messages()).messages).toHaveLength(2)
    await fault.restore()
    await set.settled()
  })

  it('prints nothing of Sentinels that it listens to, and that go away', async () => {
    const connection = { sentinel: { name: set.name, sentinels: set.sentinels } }
    const { child, firstLine, ended } = runTypeScript('test/integration/redis/scripts/listen-to-sentinels.ts', {
      CONNECTION: JSON.stringify(connection),
    })
    expect(await firstLine).toBe('written')
    await untilListenedTo()
    const fault = await set.killSentinels()
    await fault.restore()
    await untilListenedTo()
    child.stdin.end()
    expect(await ended).toEqual({ code: 0, stderr: '' })
    await set.settled()
  })

  it('hears of a new master also from Sentinels that were away meanwhile, and follows', async () => {
    const memory = await open()
    const session = memory.session('follows')
    await session.append(user('1'))
    const former = await set.master()
    await (await set.killSentinels()).restore()
    await set.settled()
    await untilListenedTo()
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
