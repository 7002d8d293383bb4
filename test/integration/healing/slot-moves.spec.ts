import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RealRedisCluster } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const
const NAMESPACE = `moves-${randomUUID()}`
const KEY = sessionKey({ namespace: NAMESPACE, tenant: undefined, sessionId: 'shared' })
/** More than the operations that a session remembers. */
const MANY = 200

describe('what was acknowledged before a slot moved, and moved back', () => {
  let cluster: RealRedisCluster
  const opened: QuietMemory[] = []
  beforeAll(async () => {
    cluster = await RealRedisCluster.start({ backend: 'binary', masters: 2, replicas: 0 })
  })
  afterAll(async () => {
    for (const one of opened) await one[Symbol.asyncDispose]()
    await cluster.stop()
  })

  it('is not made again, though others have written more since than the session remembers of operations', async () => {
    const connection = { cluster: { nodes: [...cluster.seeds] } }
    const open = async () => {
      const one = await openQuietMemory({ connection, namespace: NAMESPACE })
      opened.push(one)
      return one.memory.session('shared')
    }
    const [own, others] = [await open(), await open()]
    const contents = ['first', ...Array.from({ length: MANY }, (_, index) => `other ${index}`), 'last']
    await own.append(user('first'))
    for (const content of contents.slice(1, -1)) await others.append(user(content))
    await own.append(user('last'))

    const from = await cluster.masterOf(KEY)
    const to = (await cluster.topology()).find(({ id }) => id !== from.id)!
    const move = await cluster.reshard({ slots: KEY, to })
    // Once it hears of it by MOVED, and once it looks what is there before it asks.
    await own.info()
    await own.info()
    await others.append(user('after the move'))
    await move.restore()
    await own.info()
    await own.info()
    const { messages } = await own.messages({ last: 1_000 })
    expect(messages.map(({ content }) => content)).toEqual([...contents, 'after the move'])
  })
})
