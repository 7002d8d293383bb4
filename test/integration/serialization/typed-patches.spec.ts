import { expect, it } from '@jest/globals'
import { z } from 'zod'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const schema = z.object({ trip: z.looseObject({ to: z.string() }).optional(), total: z.number().optional() })

describeWithRedis('a patch to state with a schema', (redis) => {
  const tested = useMemory(redis, { state: schema })

  it('is held to the versions that it expects', async () => {
    const session = tested.newSession()
    const { versions } = await session.state.patch({ trip: { to: 'Bern' }, total: 1 })
    const { versions: later } = await session.state.patch({ trip: { a: 1 } }, { expectedVersions: versions })
    for (const expectedVersions of [{ trip: versions['trip'] }, { trip: '0' }, { trip: later['trip'], total: '0' }]) {
      await expect(session.state.patch({ trip: { b: 1 } }, { expectedVersions })).rejects.toMatchObject({
        code: 'VERSION_MISMATCH',
        executed: 'no',
      })
    }
    await session.state.patch({ trip: { c: 1 } }, { expectedVersions: { ...versions, ...later } })
    expect(await session.state.value('trip')).toEqual({ to: 'Bern', a: 1, c: 1 })
  })

  it('is no way around the schema, and neither is a repair', async () => {
    const session = tested.newSession()
    await session.state.set({ total: 1 })
    const key = tested.keyOf(session)
    const misfit = (await tested.redis.hget(key, 's:total'))!.replace(/1$/, '"one"')
    await tested.redis.hset(key, 's:total', misfit)
    await expect(session.state.patch({ total: 2 })).rejects.toMatchObject({ code: 'CORRUPT', executed: 'no' })
    const quarantine = await session.quarantine()
    await expect(quarantine.repair(quarantine.records[0]!, 'two')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect(await tested.redis.hget(key, 's:total')).toBe(misfit)
    await quarantine.repair(quarantine.records[0]!, 2)
    expect(await session.state.value('total')).toBe(2)
  })

  it('is merged with what the others made of it, and keeps the expiry', async () => {
    const session = tested.newSession()
    await session.state.set({ trip: { to: 'Bern' } }, { ttl: '1h' })
    const others = Array.from({ length: 5 }, () => tested.memory.session(session.id))
    await Promise.all(others.map((other, index) => other.state.patch({ trip: { [`key ${index}`]: index } })))
    expect(await session.state.value('trip')).toEqual({
      to: 'Bern',
      ...Object.fromEntries(others.map((_, index) => [`key ${index}`, index])),
    })
    const [, , , expires] = (await tested.redis.hget(tested.keyOf(session), 's:trip'))!.split(' ')
    expect(Number(expires)).toBeGreaterThan(Date.now())
  })
})
