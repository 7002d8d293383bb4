import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { HealingOptions, MemoryService } from 'nestjs-agent-memory'
import { RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { bootMemory, type BootedMemory } from '../../support/boot-memory.js'
import { eventsOf } from '../../support/events-of.js'
import { poll } from '../../support/poll.js'
import { standing, writeSteadily } from '../../support/steady-writer.js'

describe('a failover by Sentinel that takes back what was acknowledged', () => {
  let set: RealRedisSentinel
  const booted: BootedMemory[] = []

  const boot = async (namespace: string, healing?: HealingOptions | false): Promise<MemoryService> => {
    const connection = { sentinel: { name: set.name, sentinels: set.sentinels } }
    const memory = await bootMemory({ connection, namespace, resilience: { healing, onLoss: 'report' } })
    booted.push(memory)
    return memory.memory
  }

  beforeAll(async () => {
    set = await RealRedisSentinel.start({ backend: 'binary' })
  }, 60_000)
  afterAll(async () => {
    for (const { application } of booted) await application.close()
    await set.stop()
  })

  it('is healed, in the order of the calls and without a double; without healing it is lost', async () => {
    const namespace = `healing-${randomUUID()}`
    const [healing, other, without] = [await boot(namespace), await boot(namespace), await boot(randomUUID(), false)]
    const writers = [healing, other].flatMap((memory) =>
      Array.from({ length: 4 }, () => writeSteadily(memory.session(randomUUID()))),
    )
    const unhealed = Array.from({ length: 4 }, () => writeSteadily(without.session(randomUUID())))
    const further = (count: number): Promise<boolean> => {
      const before = writers.map(({ acknowledged }) => acknowledged.length)
      return poll(
        () => writers.every(({ acknowledged }, index) => acknowledged.length > before[index]! + count),
        30_000,
      )
    }
    const healed = await eventsOf('healed', async () => {
      await further(20)
      const partition = await set.partitionMaster()
      await poll(async () => (await set.master()).port !== partition.master.port, 30_000)
      await further(20)
      await Promise.all([...writers, ...unhealed].map((writer) => writer.stop()))
      await partition.restore()
    })
    const kept = await Promise.all(unhealed.map(standing))
    const lost = unhealed.flatMap(({ acknowledged }, index) =>
      acknowledged.filter((each) => !kept[index]!.includes(each)),
    )
    expect(lost.length).toBeGreaterThan(0)
    expect(healed.length).toBeGreaterThan(0)
    for (const writer of writers) {
      const contents = await standing(writer)
      expect(contents.slice(0, writer.acknowledged.length)).toEqual(writer.acknowledged)
      expect(new Set(contents).size).toBe(contents.length)
    }
    expect([healing, other].map((memory) => memory.status().lostSessions)).toEqual([0, 0])
  }, 120_000)
})
