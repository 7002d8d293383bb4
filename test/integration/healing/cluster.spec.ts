import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AgentSession, MemoryService } from 'nestjs-agent-memory'
import { RealRedisCluster } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { bootMemory, type BootedMemory } from '../../support/boot-memory.js'
import { eventsOf } from '../../support/events-of.js'
import { poll } from '../../support/poll.js'
import { standing, writeSteadily } from '../../support/steady-writer.js'

const user = (content: string) => ({ role: 'user', content }) as const

describe('a failover in a cluster that takes back what was acknowledged', () => {
  const namespace = `healing-${randomUUID()}`
  const booted: BootedMemory[] = []
  let cluster: RealRedisCluster

  const boot = async (): Promise<MemoryService> => {
    const connection = { cluster: { nodes: cluster.seeds } }
    const memory = await bootMemory({ connection, namespace, resilience: { onLoss: 'report' } })
    booted.push(memory)
    return memory.memory
  }

  const keyOf = ({ id }: Pick<AgentSession, 'id'>): string =>
    sessionKey({ namespace, tenant: undefined, sessionId: id })

  /** Sessions that the same master serves. */
  const together = async (memory: MemoryService, count: number): Promise<AgentSession[]> => {
    const master = await cluster.masterOf(keyOf({ id: 'first' }))
    const sessions = [memory.session('first')]
    for (let index = 0; sessions.length < count && index < 1_000; index++) {
      const session = memory.session(`session-${index}`)
      if ((await cluster.masterOf(keyOf(session))).id === master.id) sessions.push(session)
    }
    return sessions
  }

  beforeAll(async () => {
    cluster = await RealRedisCluster.start({ backend: 'binary' })
  }, 60_000)
  afterAll(async () => {
    for (const { application } of booted) await application.close()
    await cluster.stop()
  })

  it('is healed, in the order of the calls and without a double, on that master; the others go on', async () => {
    const [memory, other] = [await boot(), await boot()]
    const sessions = await together(memory, 4)
    const [shared] = sessions
    await other.session(shared!.id).append(user('hello'))
    const writers = sessions.slice(1).map(writeSteadily)
    const elsewhere = Array.from({ length: 4 }, () => writeSteadily(other.session(randomUUID())))
    const further = (count: number): Promise<boolean> => {
      const all = [...writers, ...elsewhere]
      const before = all.map(({ acknowledged }) => acknowledged.length)
      return poll(() => all.every(({ acknowledged }, index) => acknowledged.length > before[index]! + count), 30_000)
    }
    const healed = await eventsOf('healed', async () => {
      await further(20)
      const former = await cluster.masterOf(keyOf(shared!))
      const partition = await cluster.partition(former)
      expect(await shared!.append(user('taken back'))).toMatchObject({
        stored: 'redis',
        version: expect.stringMatching(/^2-/),
      })
      await poll(async () => (await cluster.masterOf(keyOf(shared!))).id !== former.id, 30_000)
      // Another one writes where the new master may have nothing of it yet.
      await other.session(shared!.id).append(user('others'))
      await further(20)
      await Promise.all([...writers, ...elsewhere].map((writer) => writer.stop()))
      await partition.restore()
    })
    expect(healed.length).toBeGreaterThan(0)
    for (const writer of [...writers, ...elsewhere]) {
      const contents = await standing(writer)
      expect(contents.slice(0, writer.acknowledged.length)).toEqual(writer.acknowledged)
      expect(new Set(contents).size).toBe(contents.length)
    }
    const { messages } = await shared!.messages()
    expect(messages).toHaveLength(3)
    expect(new Set(messages.map(({ content }) => content))).toEqual(new Set(['hello', 'taken back', 'others']))
    expect([memory, other].map((each) => each.status().lostSessions)).toEqual([0, 0])
  }, 120_000)
})
