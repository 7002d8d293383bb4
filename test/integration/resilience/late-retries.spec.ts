import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { describeWithRedis, type FaultAction } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import type { StoringSession } from '../../support/storing-memory.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { useMemory } from '../../support/use-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const

/** More than a session remembers. */
const OTHERS = 250
const CALLERS = 16

describeWithRedis('a retry that comes after 250 other writes to the session', (redis) => {
  const namespace = `late-retries-${randomUUID()}`
  const tested = useFaultyMemory(redis, { resilience: { deadline: '5s' } }, namespace)
  const others = useMemory(redis, {}, namespace)

  const push = async (
    id: string,
    write: (session: StoringSession, index: number) => Promise<unknown>,
  ): Promise<void> => {
    let next = 0
    const caller = async (): Promise<void> => {
      while (next < OTHERS) await write(others.memory.session(id), next++)
    }
    await Promise.all(Array.from({ length: CALLERS }, caller))
  }

  /** Makes a call whose first attempt meets a fault, and whose next one comes when the others have written. */
  const late = async <T>(
    id: string,
    action: FaultAction,
    call: (session: StoringSession) => Promise<T>,
  ): Promise<T> => {
    const session = tested.memory.session(id)
    await session.append(user('before'))
    const fault = tested.proxy.on({ command: 'EVALSHA', nth: 1 }, action)
    const result = call(session)
    result.catch(() => undefined)
    await poll(() => fault.hits === 1)
    await tested.proxy.refuse()
    await push(id, (other, index) => other.append(user(`other ${index}`)))
    await tested.proxy.restore()
    return result
  }

  const countOf = async (id: string, content: string): Promise<number> =>
    (await others.memory.session(id).messages()).messages.filter((message) => message.content === content).length

  it('finds what was stored among the messages', async () => {
    const result = await late('stored', 'drop-reply', (session) => session.append([user('once'), user('twice')]))
    expect(result).toMatchObject({
      duplicate: true,
      messages: [
        { seq: 2, content: 'once' },
        { seq: 3, content: 'twice' },
      ],
    })
    expect([await countOf('stored', 'once'), await countOf('stored', 'twice')]).toEqual([1, 1])
    // The version it made is forgotten: what it answers is none that anything could rest on.
    await expect(
      tested.memory.session('stored').append(user('next'), { expectedVersion: result.version }),
    ).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
  })

  it.each([
    ['drop-reply', true],
    ['cut-before', false],
  ] as const)(
    'finds what the process itself wrote over since, when the caller repeats it, after %s',
    async (action, duplicate) => {
      const session = tested.memory.session(`own-${action}`)
      await session.append(user('before'))
      const fault = tested.proxy.on({ command: 'EVALSHA', times: 100 }, action)
      const again = () => session.append(user('once'), { operationId: 'own' })
      await expect(again()).rejects.toMatchObject({ executed: 'unknown' })
      // One that is repeated in vain is as old as before.
      await expect(again()).rejects.toMatchObject({ executed: 'unknown' })
      expect(fault.hits).toBeGreaterThan(1)
      fault.remove()
      for (let index = 0; index < OTHERS; index++) await session.append(user(`other ${index}`))
      const seq = duplicate ? 2 : OTHERS + 2
      expect(await again()).toMatchObject({ duplicate, messages: [{ seq, content: 'once' }] })
      expect(await countOf(`own-${action}`, 'once')).toBe(1)
    },
  )

  it('stores what the messages show not to be there', async () => {
    const result = await late('not-stored', 'cut-before', (session) => session.append(user('once')))
    expect(result).toMatchObject({ duplicate: false, messages: [{ seq: OTHERS + 2 }] })
    expect(await countOf('not-stored', 'once')).toBe(1)
  })

  it.each(['drop-reply', 'cut-before'] as const)(
    'writes nothing where nobody can tell: state, after %s',
    async (action) => {
      const id = `state-${action}`
      await expect(
        late(id, action, (session) => session.state.set({ a: 1 }, { operationId: 'set' })),
      ).rejects.toMatchObject({
        code: 'OPERATION_FORGOTTEN',
        executed: 'unknown',
        retryable: false,
        operationId: 'set',
      })
      const { versions } = await others.memory.session(id).state.get()
      // Written at most once: by the first attempt.
      expect(versions['a']?.startsWith('2-') ?? false).toBe(action === 'drop-reply')
    },
  )

  it('is as old as its first attempt also when the caller repeats it', async () => {
    const id = 'by-caller'
    const session = tested.memory.session(id)
    await session.append(user('before'))
    const lost = tested.proxy.on({ command: 'EVALSHA', times: 1_000 }, 'drop-reply')
    const set = (): Promise<unknown> => session.state.set({ a: 1 }, { operationId: 'set' })
    await expect(set()).rejects.toMatchObject({ executed: 'unknown', retryable: true })
    lost.remove()
    await push(id, (other, index) => other.append(user(`other ${index}`)))
    await expect(set()).rejects.toMatchObject({ code: 'OPERATION_FORGOTTEN', executed: 'unknown' })
  })
})
