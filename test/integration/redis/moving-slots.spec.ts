import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AgentSession } from 'nestjs-agent-memory'
import { RealRedisCluster, type Resharding } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { bootMemory, type BootedMemory } from '../../support/boot-memory.js'
import { poll } from '../../support/poll.js'

const user = (content: string) => ({ role: 'user', content }) as const

describe('a session whose slot is being moved, and which has not been moved yet', () => {
  const namespace = 'moving'
  let cluster: RealRedisCluster
  let booted: BootedMemory
  let short: BootedMemory

  const keyOf = ({ id }: AgentSession): string => sessionKey({ namespace, tenant: undefined, sessionId: id })

  /** Opens the slot, and leaves its keys where they are. */
  const open = async (session: AgentSession): Promise<Resharding> => {
    const from = await cluster.masterOf(keyOf(session))
    const to = (await cluster.topology()).find(({ id }) => id !== from.id)!
    return cluster.reshard({ slots: keyOf(session), to, stopAfter: 0 })
  }

  const fieldsOf = async (session: AgentSession): Promise<string[]> => {
    const client = cluster.client()
    const fields = await client.hkeys(keyOf(session))
    return fields.filter((field) => !field.startsWith('o')).toSorted((one, other) => one.localeCompare(other))
  }

  beforeAll(async () => {
    cluster = await RealRedisCluster.start({ masters: 3, replicas: 0, backend: 'binary' })
    const connection = { cluster: { nodes: cluster.seeds } }
    booted = await bootMemory({ connection, namespace })
    short = await bootMemory({ connection, namespace, session: { ttl: '1s', maxAge: '1s' } })
  }, 60_000)
  afterAll(async () => {
    for (const { application } of [booted, short]) await application.close()
    await cluster.stop()
  })

  it('is deleted, and cleared, with all that a deletion leaves', async () => {
    for (const [how, late] of [
      ['delete', 'SESSION_DELETED'],
      ['clear', 'true'],
    ] as const) {
      const [there, moving] = ['there', 'moving'].map((name) => booted.memory.session(`${how}-${name}`))
      for (const session of [there!, moving!]) {
        await session.append([user('0'), user('1')], { operationId: 'first' })
        await session.state.set({ a: 1 })
        const { version: basedOn } = await session.messages()
        await session.summary.commit({ text: 'One.', coversSeq: 1, replaces: null, basedOn })
      }
      const move = await open(moving!)
      await there![how]()
      await moving![how]()
      expect(await fieldsOf(moving!)).toEqual(await fieldsOf(there!))
      await move.goOn()
      expect(await fieldsOf(moving!)).toEqual(await fieldsOf(there!))
      const again = moving!.append([user('0'), user('1')], { operationId: 'first' })
      expect(
        await again.then(
          (result) => JSON.stringify('duplicate' in result && result.duplicate),
          ({ code }: { code: string }) => code,
        ),
      ).toBe(late)
      expect((await moving!.messages()).messages).toEqual([])
      expect(await moving!.append(user('next'))).toMatchObject({ messages: [expect.objectContaining({ seq: 3 })] })
    }
  })

  it('is followed by the next one of its id when its time is over and a lock has kept it', async () => {
    const session = short.memory.session('over')
    await session.append(user('old'))
    await session.state.set({ old: 1 })
    await session.withLock(
      async ({ fence }) => {
        const move = await open(session)
        await poll(async () => !(await session.info()).exists)
        expect(await cluster.client().exists(keyOf(session))).toBe(1)
        await session.append(user('new'), { fence })
        expect(await fieldsOf(session)).not.toContain('s:old')
        await move.goOn()
      },
      { ttl: '10s' },
    )
    const { messages } = await session.messages()
    expect(messages.map(({ content }) => content)).toEqual(['new'])
  })
})
