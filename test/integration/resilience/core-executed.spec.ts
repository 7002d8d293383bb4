import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { describeWithRedis, type FaultAction } from 'nestjs-agent-memory/testing'
import { configure } from '../../support/on-each-master.js'
import { poll } from '../../support/poll.js'
import type { StoringSession } from '../../support/storing-memory.js'
import { succeeds } from '../../support/succeeds.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { useMemory } from '../../support/use-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const

/** More than a session remembers. */
const OTHERS = 200
const AT_ONCE = 20

const countOf = async (session: StoringSession, content: string): Promise<number> =>
  (await session.messages()).messages.filter((message) => message.content === content).length

describeWithRedis('a write that may have been executed', (redis) => {
  const namespace = `core-executed-${randomUUID()}`
  const tested = useFaultyMemory(redis, { resilience: { deadline: '3s' } }, namespace)
  const brief = useFaultyMemory(redis, { session: { ttl: '1s' }, resilience: { deadline: '3s' } }, namespace)
  const quick = useFaultyMemory(redis, { resilience: { deadline: '300ms' } }, namespace)
  const others = useMemory(redis, {}, namespace)

  const keyOf = (id: string): string => others.keyOf({ id, tenant: undefined })
  const push = async (id: string): Promise<void> => {
    for (let made = 0; made < OTHERS; made += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => others.memory.session(id).append(user('other'))))
    }
  }
  /** Makes a call whose first attempt meets a fault, and whose next one comes after `meanwhile`. */
  const late = async <T>(
    call: () => Promise<T>,
    action: FaultAction,
    meanwhile: () => Promise<unknown>,
    { proxy } = tested,
  ): Promise<T> => {
    const fault = proxy.on({ command: 'EVALSHA', nth: 1 }, action)
    const result = call()
    result.catch(() => undefined)
    await poll(() => fault.hits === 1)
    await proxy.refuse()
    await meanwhile()
    await proxy.restore()
    return result
  }
  /** What an earlier session of the id was goes further than the one that others have begun since. */
  const furtherBefore = async (id: string): Promise<StoringSession> => {
    const session = brief.memory.session(id)
    await session.append(Array.from({ length: 2 * OTHERS }, () => user('earlier')))
    await poll(async () => (await others.redis.exists(keyOf(id))) === 0)
    await others.memory.session(id).append(user('0'))
    return session
  }

  it.each([
    ['', 0],
    [', also where the time of the server was heard late', 200],
  ])('is not doubled when an earlier session of the id had come further%s', async (_, lateness) => {
    brief.proxy.latency(lateness)
    brief.proxy.cut()
    const id = `further-${lateness}`
    await poll(() => succeeds(brief.memory.session(id).info()))
    await brief.proxy.restore()
    const session = await furtherBefore(id)
    const result = late(
      () => session.append(user('once')),
      'drop-reply',
      () => push(session.id),
      brief,
    )
    // Where the later one was not seen before, nobody can tell.
    await result.catch(() => undefined)
    expect(await countOf(others.memory.session(session.id), 'once')).toBe(1)
  })

  it('is found when an earlier session of the id had come further, and the later one was seen', async () => {
    const session = await furtherBefore('further-seen')
    await session.messages()
    await session.state.set({ a: 1 })
    const result = late(
      () => session.append(user('once')),
      'drop-reply',
      () => push(session.id),
      brief,
    )
    expect(await result).toMatchObject({ duplicate: true, messages: [{ seq: 2 }] })
    expect(await countOf(others.memory.session(session.id), 'once')).toBe(1)
  })

  it('is not doubled when the message it left was removed or broken since', async () => {
    for (const [id, change] of [
      ['removed', (key: string) => others.redis.hdel(key, 'm:2')],
      ['broken', (key: string) => others.redis.hset(key, 'm:2', '1')],
    ] as const) {
      const session = tested.memory.session(id)
      await session.append(user('0'))
      const result = late(
        () => session.append(user('once')),
        'drop-reply',
        async () => {
          await change(keyOf(id))
          await push(id)
        },
      )
      await expect(result).rejects.toMatchObject({ code: 'OPERATION_FORGOTTEN', executed: 'unknown' })
      expect(await others.redis.hget(keyOf(id), 'q')).toBe(String(OTHERS + 2))
    }
  })

  it('is as old as its first attempt when several are not answered', async () => {
    const session = tested.memory.session('several-attempts')
    await session.append(user('0'))
    const lost = tested.proxy.on({ command: 'EVALSHA', nth: 1 }, 'drop-reply')
    const call = session.append(user('once'))
    call.catch(() => undefined)
    await poll(() => lost.hits === 1)
    await tested.proxy.refuse()
    await push(session.id)
    await tested.proxy.restore()
    const cut = tested.proxy.on({ command: 'EVALSHA', nth: 1 }, 'cut-before')
    expect(await call).toMatchObject({ duplicate: true })
    expect(cut.hits).toBe(1)
    expect(await countOf(others.memory.session(session.id), 'once')).toBe(1)
  })

  it('is made when many others, of several messages each, were', async () => {
    const session = tested.memory.session('several')
    await session.append(user('0'))
    const result = await late(
      () => session.append(user('once')),
      'cut-before',
      async () => {
        await others.memory.session('several').append([user('a'), user('b'), user('c')])
        await push('several')
      },
    )
    expect(result).toMatchObject({ duplicate: false, messages: [{ seq: OTHERS + 5 }] })
  })

  it.each(['clear', 'delete'] as const)(
    '%s, but for the copy of the summary, was executed, whatever its repetition meets',
    async (how) => {
      const session = quick.memory.session(`half-${how}`)
      await session.append(user('0'))
      const copy = quick.proxy.on({ command: 'EVALSHA', nth: 2 }, 'cut-before')
      const call = session[how]({ operationId: how })
      call.catch(() => undefined)
      await poll(() => copy.hits === 1)
      await quick.proxy.refuse()
      await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE', executed: 'yes', retryable: true })
      await quick.proxy.restore()
      // Repeated when the session remembers it no longer, it does not fall on what came after it.
      await push(session.id)
      await poll(() => session.info().catch(() => undefined))
      await expect(session[how]({ operationId: how })).rejects.toMatchObject({ code: 'OPERATION_FORGOTTEN' })
      expect(await countOf(others.memory.session(session.id), 'other')).toBe(OTHERS)
    },
  )
})

describeWithRedis(
  'a write that may have been executed, on a server that is full since',
  (redis) => {
    const tested = useFaultyMemory(redis)

    it('is not said to be none', async () => {
      const session = tested.memory.session('full')
      await session.append(user('0'))
      const lost = tested.proxy.on({ command: 'EVALSHA', nth: 1 }, 'drop-reply')
      const call = session.append(user('once'), { operationId: 'once' })
      call.catch(() => undefined)
      await poll(() => lost.hits === 1)
      await tested.proxy.refuse()
      await configure(redis, 'maxmemory', '1')
      await tested.proxy.restore()
      await expect(call).rejects.toMatchObject({ executed: 'unknown', retryable: true, operationId: 'once' })
      await configure(redis, 'maxmemory', '0')
      expect(await session.append(user('once'), { operationId: 'once' })).toMatchObject({ duplicate: true })
    })
  },
  { backend: 'binary' },
)
