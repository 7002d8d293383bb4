import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { idsOfOneMaster } from '../../support/on-each-master.js'
import { poll } from '../../support/poll.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const

/** More than the failures in a row that open the breaker. */
const CALLS = 60

describeWithRedis('a connection that ends under many calls', (redis) => {
  const tested = useFaultyMemory(redis, { resilience: { deadline: '10s' } })
  const quick = useFaultyMemory(redis, {
    resilience: { deadline: '200ms', retry: { attempts: 0 }, breaker: { failures: 3, openFor: '100ms' } },
  })
  const patient = useFaultyMemory(redis, {
    resilience: { deadline: '200ms', retry: { attempts: 0 }, breaker: { failures: 3, openFor: '30s' } },
  })

  it.each(['cut-before', 'drop-reply'] as const)(
    'is one failure, and all are repeated on the next: %s',
    async (action) => {
      const sessions = Array.from({ length: CALLS }, (_, index) => tested.memory.session(`${action}-${index}`))
      await Promise.all(sessions.map((session) => session.append(user('0'))))
      const reads = tested.proxy.on({ command: 'EVALSHA', nth: 10 }, action)
      const found = await Promise.all(sessions.map((session) => session.messages()))
      expect(found.map(({ messages }) => messages.length)).toEqual(sessions.map(() => 1))
      expect(reads.hits).toBe(1)
      const writes = tested.proxy.on({ command: 'EVALSHA', nth: 10 }, action)
      await Promise.all(sessions.map((session) => session.append(user('1'))))
      expect(writes.hits).toBe(1)
      const after = await Promise.all(sessions.map((session) => session.messages()))
      expect(after.map(({ messages }) => messages.map(({ content }) => content))).toEqual(
        sessions.map(() => ['0', '1']),
      )
    },
  )

  it('opens the breaker when it happens again and again', async () => {
    const session = quick.memory.session('again')
    await session.append(user('0'))
    const cut = quick.proxy.on({ command: 'EVALSHA', times: 1_000 }, 'cut-before')
    for (let call = 0; call < 3; call++) await expect(session.messages()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(cut.hits).toBe(3)
    expect(quick.memory.status().breaker).toBe('open')
    cut.remove()
    await poll(() => session.messages().catch(() => undefined))
    expect(quick.memory.status().breaker).toBe('closed')
  })

  it('is over when there is a new one, however long the breaker would stay open', async () => {
    const session = patient.memory.session('new')
    await session.append(user('0'))
    await patient.proxy.refuse()
    await poll(async () => {
      await session.messages().catch(() => undefined)
      return patient.memory.status().breaker === 'open'
    })
    await patient.proxy.restore()
    await poll(() => session.messages().catch(() => undefined))
    expect(patient.memory.status().breaker).toBe('closed')
  })

  it('is not looked for by more than one call while the breaker is half-open', async () => {
    // Each server has a breaker.
    const [first = '', ...ids] = await idsOfOneMaster(redis, quick.keyOf, 11)
    const session = quick.memory.session(first)
    await session.append(user('0'))
    await quick.proxy.refuse()
    await poll(async () => {
      await session.messages().catch(() => undefined)
      return quick.memory.status().breaker === 'open'
    })
    await poll(async () => {
      const calls = ids.map((id) =>
        quick.memory
          .session(id)
          .append(user('1'))
          .then(
            () => 'made',
            (error: { executed: string }) => error.executed,
          ),
      )
      const isTried = quick.memory.status().breaker === 'half-open'
      // None of them was sent.
      expect(await Promise.all(calls)).toEqual(calls.map(() => 'no'))
      return isTried
    })
    await quick.proxy.restore()
    await poll(() => session.messages().catch(() => undefined))
  })
})
