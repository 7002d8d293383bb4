import { performance } from 'node:perf_hooks'
import { describe, expect, it } from '@jest/globals'
import type { Redis } from 'ioredis'
import { openQuietMemory } from '../../support/quiet-memory.js'
import { startReplicated } from '../../support/replicated-pair.js'

const CALLERS = 64
const FOR_MS = 750
const ROUNDS = 2
/** From a master to its replica, and back as long again. */
const LATENCY_MS = 5

/** How often a second 64 callers are answered, each of whom calls again as soon as it is. */
const perSecond = async (call: (caller: number) => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  let calls = 0
  const caller = async (index: number): Promise<void> => {
    while (performance.now() - began < FOR_MS) {
      await call(index)
      calls++
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, (_, index) => caller(index)))
  return (calls * 1_000) / (performance.now() - began)
}

/** What comes to mind first: each write waits on the connection that all share. */
const naively = (client: Redis) => (caller: number) =>
  client.pipeline().rpush(`naive:${caller}`, 'what is said').expire(`naive:${caller}`, 60).wait(1, 100).exec()

describe('the price of durability', () => {
  it('is a small part of what 64 callers do without it, for they are asked for together', async () => {
    await using servers = await startReplicated(1)
    const connection = { url: servers.master.url }
    await using plain = await openQuietMemory({ connection, namespace: 'plain' })
    await using durable = await openQuietMemory({ connection, namespace: 'durable', durability: { timeout: '1s' } })
    const sums = { plain: 0, durable: 0, distant: 0, naive: 0 }
    const appending =
      ({ memory }: typeof plain) =>
      (caller: number) =>
        memory.session(`s${caller}`).append({ role: 'user', content: 'what is said' })
    const client = servers.master.client()
    for (let round = 0; round < ROUNDS; round++) {
      sums.plain += await perSecond(appending(plain))
      sums.durable += await perSecond(appending(durable))
      // With a replica in another place, as replicas are.
      servers.proxy.latency(LATENCY_MS)
      sums.distant += await perSecond(appending(durable))
      sums.naive += await perSecond(naively(client))
      await servers.proxy.restore()
    }
    const ratio = sums.durable / sums.plain
    const shown = Object.entries(sums).map(([name, sum]) => `${name} ${Math.round(sum / ROUNDS)}`)
    const better = sums.distant / sums.naive
    console.log(
      `${CALLERS} callers, a second: ${shown.join(', ')}; ${ratio.toFixed(2)} of plain, ${better.toFixed(1)} x naive`,
    )
    expect(ratio).toBeGreaterThan(0.4)
    expect(better).toBeGreaterThan(3)
  })
})
