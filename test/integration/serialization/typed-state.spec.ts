import { expect, it } from '@jest/globals'
import { IsDate, IsInt, IsOptional, IsString, Min, ValidateNested } from 'class-validator'
import { Type } from 'class-transformer'
import { MemoryModule, MemoryService, type StateOf } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { z } from 'zod'
import { poll } from '../../support/poll.js'
import { succeeds } from '../../support/succeeds.js'
import { useMemory } from '../../support/use-memory.js'

class Address {
  @IsString()
  city!: string

  @IsOptional()
  @IsInt()
  zip?: number
}

class BookingState {
  @IsDate()
  arrival!: Date

  @IsInt()
  @Min(1)
  nights!: number

  @ValidateNested()
  @Type(() => Address)
  address!: Address
}

const schema = z.object({
  arrival: z.date(),
  nights: z.number().int().min(1),
  address: z.object({ city: z.string(), zip: z.number().optional() }),
})

const arrivalIn = (memory: MemoryService<StateOf<typeof schema>>): Promise<Date | undefined> =>
  memory.session('typed').state.value('arrival')
const nightsIn = (memory: MemoryService<StateOf<typeof BookingState>>): Promise<number | undefined> =>
  memory.session('typed').state.value('nights')

describeWithRedis('state with a schema', (redis) => {
  const namespace = `typed-${process.pid}`
  const untyped = useMemory(redis, {}, namespace)
  const memories = {
    class: useMemory(redis, { state: BookingState }, namespace),
    'Standard Schema': useMemory(redis, { state: schema }, namespace),
  }
  let sessions = 0

  it.each(['class', 'Standard Schema'] as const)(
    'by a %s refuses what breaks a rule, and writes nothing of it',
    async (kind) => {
      const session = memories[kind].memory.session(`refuses-${sessions++}`)
      await session.state.set({ nights: 2, arrival: new Date(0) })
      const wrong: [Record<string, unknown>, string][] = [
        [{ nights: 0 }, 'values.nights'],
        [{ arrival: '2031-03-10' }, 'values.arrival'],
        [{ nights: 3, address: { city: 5 } }, 'values.address.city'],
      ]
      for (const [values, path] of wrong) {
        const refused = { code: 'ARGUMENT_INVALID', executed: 'no', path }
        await expect(session.state.set(values)).rejects.toMatchObject(refused)
        await expect(session.state.patch(values)).rejects.toMatchObject(refused)
      }
      expect((await session.state.get()).values).toEqual({ nights: 2, arrival: new Date(0) })
    },
  )

  it.each(['class', 'Standard Schema'] as const)(
    'by a %s takes a patch for what it makes of the value',
    async (kind) => {
      const session = memories[kind].memory.session(`patches-${sessions++}`)
      await expect(session.state.patch({ address: { zip: 3000 } })).rejects.toMatchObject({
        path: 'values.address.city',
      })
      await session.state.set({ address: { city: 'Bern' } })
      const options = { operationId: 'patch-1' }
      const first = await session.state.patch({ address: { zip: 3000 } }, options)
      expect(await session.state.patch({ address: { zip: 3000 } }, options)).toEqual({ ...first, duplicate: true })
      expect(await session.state.value('address')).toEqual({ city: 'Bern', zip: 3000 })
      await Promise.all(
        ['Basel', 'Chur', 'Olten'].map((city, zip) => session.state.patch({ address: { city, zip } }, undefined)),
      )
      expect(await session.state.value('address')).toEqual({ city: 'Olten', zip: 2 })
    },
  )

  it.each(['class', 'Standard Schema'] as const)(
    'by a %s reports what does not fit on read, and returns the rest',
    async (kind) => {
      const id = `reads-${sessions++}`
      await untyped.memory.session(id).state.set({ nights: -1, arrival: new Date(0), address: { city: 'Bern' } })
      const session = memories[kind].memory.session(id)
      const { values, corrupt } = await session.state.get()
      expect(values).toEqual({ arrival: new Date(0), address: { city: 'Bern' } })
      expect(corrupt).toEqual([{ kind: 'state', field: 'nights', reason: expect.any(String) }])
      expect((await session.context()).corrupt).toHaveLength(1)
      await expect(session.state.value('nights')).rejects.toMatchObject({ code: 'CORRUPT' })
      const quarantine = await session.quarantine()
      await quarantine.repair(quarantine.records[0]!, 4)
      expect(await session.state.value('nights')).toBe(4)
    },
  )

  it('knows a patch that is done, also when the value has become one it would not fit', async () => {
    const { memory } = memories['Standard Schema']
    const session = memory.session('repeated-patch')
    await session.state.set({ address: { city: 'Bern' } })
    const options = { operationId: 'patch-1' }
    const first = await session.state.patch({ address: { zip: 3000 } }, options)
    await untyped.memory.session(session.id).state.set({ address: { town: 5 } })
    await expect(session.state.patch({ address: { zip: 4000 } })).rejects.toMatchObject({ code: 'CORRUPT' })
    expect(await session.state.patch({ address: { zip: 3000 } }, options)).toEqual({ ...first, duplicate: true })
    await session.state.delete(['address'])
    await expect(session.state.patch({ address: { zip: 4000 } })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect(await session.state.patch({ address: { zip: 3000 } }, options)).toEqual({ ...first, duplicate: true })
    await expect(session.state.patch({ address: { zip: 5 } }, options)).rejects.toMatchObject({
      code: 'OPERATION_REUSED',
    })
  })

  it('checks and writes what was given at the call, whatever becomes of it then', async () => {
    const session = memories.class.memory.session('changed')
    const address: { city: unknown } = { city: 'Bern' }
    const set = session.state.set({ address })
    const patch = session.state.patch({ address })
    address.city = 5
    await Promise.all([set, patch])
    expect(await session.state.value('address')).toEqual({ city: 'Bern' })
  })

  it('does not wait for a schema beyond the deadline', async () => {
    const never = {
      '~standard': { version: 1 as const, vendor: 'test', validate: () => new Promise<never>(() => undefined) },
    }
    const { createMemoryTestingModule } = await import('nestjs-agent-memory/testing')
    const imports = [
      MemoryModule.forRoot({ connection: redis.connection, state: never, resilience: { deadline: '200ms' } }),
    ]
    const tested = await createMemoryTestingModule({ redis, imports })
    const session = tested.memory.session('a')
    await poll(() => succeeds(session.info()))
    await expect(session.state.set({ a: 1 })).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no' })
    expect((await session.info()).exists).toBe(false)
    await tested.close()
  })

  it('gives the service its type', async () => {
    const memory = memories.class.memory as MemoryService<never>
    await memories.class.memory.session('typed').state.set({ arrival: new Date(0), nights: 2 })
    expect(await arrivalIn(memory)).toEqual(new Date(0))
    expect(await nightsIn(memory)).toBe(2)
  })
})
