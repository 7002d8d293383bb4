import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { valueKind } from '../../../lib/errors/value-kind.js'
import { onEachMaster } from '../../support/on-each-master.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { readsOf } from '../../support/replica-reads.js'
import { useMemory } from '../../support/use-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const

describeWithRedis(
  'reads from replicas, of a server of which none is known',
  (redis) => {
    const tested = useMemory(redis)

    it('are answered by the server itself, and not marked', async () => {
      const session = tested.newSession()
      await session.append(user('1'))
      await session.state.set({ a: 1 })
      const before = await onEachMaster(redis, readsOf)
      const readFrom = 'replica'
      expect(await session.messages({ readFrom })).toMatchObject({ stale: false, messages: [{ content: '1' }] })
      expect(await session.context({ readFrom })).toMatchObject({ stale: false, state: { a: 1 } })
      expect(await session.state.get({ readFrom })).toMatchObject({ stale: false, values: { a: 1 } })
      expect(await session.info({ readFrom })).toMatchObject({ stale: false, count: 1 })
      expect(await onEachMaster(redis, readsOf)).toEqual(before)
      expect(await session.messages({ readFrom: 'master' })).toEqual(await session.messages({ readFrom: undefined }))
    })
  },
  { standalone: 'elsewhere there are replicas' },
)

describe('the option that says where to read from', () => {
  let opened: QuietMemory
  beforeAll(async () => {
    // Whoever asks anything is told that nobody is there.
    opened = await openQuietMemory({ connection: { host: '127.0.0.1', port: 1 }, resilience: { deadline: '200ms' } })
  })
  afterAll(async () => {
    await opened[Symbol.asyncDispose]()
  })

  it.each(['replicas', 'REPLICA', '', true, null, ['replica']])(
    'is refused as %j, before anything is asked',
    async (given) => {
      const session = opened.memory.session('s')
      const options = { readFrom: given as 'replica' }
      for (const read of [
        () => session.messages(options),
        () => session.context(options),
        () => session.info(options),
        () => session.state.get(options),
      ]) {
        await expect(read()).rejects.toMatchObject({
          code: 'ARGUMENT_INVALID',
          executed: 'no',
          message: `options.readFrom: ${valueKind(given)} given; allowed: 'master' or 'replica'`,
        })
      }
      await expect(session.info({ readFrom: 'replica' })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    },
  )

  it('is not known under another name', async () => {
    const session = opened.memory.session('s')
    const options = { readfrom: 'replica' } as object
    const message = 'options.readfrom: an unknown name given; allowed: readFrom'
    await expect(session.info(options)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message })
    await expect(session.state.get(options)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message })
  })
})
