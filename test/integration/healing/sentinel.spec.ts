import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Test } from '@nestjs/testing'
import type { INestApplication } from '@nestjs/common'
import {
  MemoryModule,
  MemoryService,
  type AgentSession,
  type HealingOptions,
  type WriteHealedEvent,
} from 'nestjs-agent-memory'
import { RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'

const user = (content: string) => ({ role: 'user', content }) as const

/** Appends one after the other until it is stopped; answers what was acknowledged. */
const write = (session: AgentSession): { readonly acknowledged: string[]; stop(): Promise<void> } => {
  const acknowledged: string[] = []
  const stopping = new AbortController()
  const run = async (): Promise<void> => {
    for (let count = 0; !stopping.signal.aborted && count < 100_000; count++) {
      const content = String(count)
      // The same until it is acknowledged.
      const operationId = `${session.id}-${count}`
      while (!stopping.signal.aborted) {
        try {
          await session.append(user(content), { operationId })
          acknowledged.push(content)
          break
        } catch {
          // It is repeated.
        }
      }
    }
  }
  const running = run()
  return {
    acknowledged,
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

describe('a failover by Sentinel that takes back what was acknowledged', () => {
  let set: RealRedisSentinel
  const applications: INestApplication[] = []

  const boot = async (namespace: string, healing?: HealingOptions | false): Promise<MemoryService> => {
    const connection = { sentinel: { name: set.name, sentinels: [...set.sentinels] } }
    const module = await Test.createTestingModule({
      imports: [MemoryModule.forRoot({ connection, namespace, resilience: { healing, onLoss: 'report' } })],
    }).compile()
    const application = module.createNestApplication({ logger: false })
    await application.init()
    applications.push(application)
    return module.get(MemoryService)
  }

  beforeAll(async () => {
    set = await RealRedisSentinel.start({ backend: 'binary' })
  }, 60_000)
  afterAll(async () => {
    for (const application of applications) await application.close()
    await set.stop()
  })

  it('is healed, in the order of the calls and without a double; without healing it is lost', async () => {
    const namespace = `healing-${randomUUID()}`
    const [healing, other, without] = [await boot(namespace), await boot(namespace), await boot(randomUUID(), false)]
    const healed: WriteHealedEvent[] = []
    const listen = (event: unknown): void => void healed.push(event as WriteHealedEvent)
    subscribe('nestjs-agent-memory:healed', listen)
    const ids = ['a', 'b', 'c', 'd']
    const writers = [
      ...ids.map((id) => ({ id, memory: healing, ...write(healing.session(id)) })),
      ...ids.map((id) => ({ id: `other-${id}`, memory: other, ...write(other.session(`other-${id}`)) })),
    ]
    const unhealed = ids.map((id) => ({ id, ...write(without.session(id)) }))
    await poll(() => writers.every(({ acknowledged }) => acknowledged.length > 20))
    const partition = await set.partitionMaster()
    await poll(async () => (await set.master()).port !== partition.master.port, 20_000)
    const counts = writers.map(({ acknowledged }) => acknowledged.length)
    await poll(() => writers.every(({ acknowledged }, index) => acknowledged.length > counts[index]! + 20), 20_000)
    await Promise.all([...writers, ...unhealed].map((writer) => writer.stop()))
    await partition.restore()
    unsubscribe('nestjs-agent-memory:healed', listen)

    const kept = await Promise.all(
      unhealed.map(async ({ id }) => (await without.session(id).messages({ last: 100_000 })).messages),
    )
    const lost = unhealed.map(({ acknowledged }, index) => {
      const there = new Set(kept[index]!.map(({ content }) => content))
      return acknowledged.filter((content) => !there.has(content)).length
    })
    expect(lost.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
    expect(healed.length).toBeGreaterThan(0)
    for (const { id, memory, acknowledged } of writers) {
      const { messages } = await memory.session(id).messages({ last: 100_000 })
      const contents = messages.map(({ content }) => content)
      expect(contents.slice(0, acknowledged.length)).toEqual(acknowledged)
      expect(new Set(contents).size).toBe(contents.length)
    }
    expect([healing, other].map((memory) => memory.status().lostSessions)).toEqual([0, 0])
  }, 90_000)
})
