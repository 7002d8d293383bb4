import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { MemoryLostError, type AgentSession, type SessionLostEvent, type WriteHealedEvent } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { eventsOf } from '../../support/events-of.js'
import { poll } from '../../support/poll.js'
import { succeeds } from '../../support/succeeds.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { useMemory } from '../../support/use-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const
const text = 'x'.repeat(1_000)

const contentsOf = async (session: AgentSession): Promise<unknown[]> =>
  (await session.messages()).messages.map(({ content }) => content)

describeWithRedis(
  'a server that starts anew with an older state',
  (redis) => {
    const namespace = randomUUID()
    const tested = useMemory(redis, { resilience: { deadline: '10s' } }, namespace)
    const other = useMemory(redis, {}, namespace)
    const small = useMemory(redis, { resilience: { healing: { maxBytes: '10kb' } } })
    const reporting = useMemory(redis, { resilience: { healing: { maxBytes: '10kb' }, onLoss: 'report' } })
    const away = useFaultyMemory(redis, {}, namespace)
    const without = useMemory(redis, { resilience: { healing: false } })

    const session = (): AgentSession => tested.memory.session(randomUUID())

    const runOf = async (): Promise<string> => {
      const client = redis.client()
      return /run_id:(\w+)/.exec(await client.info('server'))![1]!
    }

    /** It has what it had when it was saved last. */
    const restart = async (keepData = true): Promise<void> => {
      const before = await runOf()
      await redis.kill()
      await redis.restart({ keepData })
      for (const { memory } of [tested, other, small, reporting, without]) {
        await poll(() => succeeds(memory.session('nobody').info()))
      }
      expect(await runOf()).not.toBe(before)
    }

    it('gets what it has lost again: messages and state as they were acknowledged', async () => {
      const healed = session()
      await healed.append(user('0'))
      await healed.state.set({ kept: 'old', gone: 1 })
      await redis.save()
      await healed.append([user('1'), user('2')])
      await healed.state.set({ kept: new Date(5) })
      await healed.state.patch({ more: { a: 1 } })
      await healed.state.patch({ more: { b: 2 } })
      await healed.state.delete(['gone'])
      await healed.append(user('3'), { operationId: 'last' })
      const before = await healed.messages()
      const events = await eventsOf<WriteHealedEvent>('healed', async () => {
        await restart()
        expect((await healed.messages()).messages).toEqual(before.messages)
      })
      expect((await healed.state.get()).values).toEqual({ kept: new Date(5), more: { a: 1, b: 2 } })
      expect(events.filter(({ sessionId }) => sessionId === healed.id)).toEqual(
        [[2, 3], [], [], [], [], [4]].map((seqs) => expect.objectContaining({ seqs, behind: 0, outdated: [] })),
      )
      expect(await healed.append(user('3'), { operationId: 'last' })).toMatchObject({ duplicate: true })
      expect(await healed.append(user('4'))).toMatchObject({ messages: [expect.objectContaining({ seq: 5 })] })
      expect(tested.memory.status().lostSessions).toBe(0)
    })

    it('gets it before whatever is called next, without anyone who asks for it too', async () => {
      const [written, untouched] = [session(), session()]
      await Promise.all([written, untouched].map((each) => each.append(user('0'))))
      await redis.save()
      await written.append(user('1'))
      await untouched.append(user('1'))
      await restart()
      await Promise.all([written.append(user('2')), written.append(user('3'))])
      expect(await contentsOf(written)).toEqual(['0', '1', '2', '3'])
      // Another process knows nothing of it.
      await poll(async () => (await contentsOf(other.memory.session(untouched.id))).length === 2)
    })

    it('gets it before calls that waited for it meanwhile', async () => {
      const [written, read, looked, cleared] = [session(), session(), session(), session()]
      const all = [written, read, looked, cleared]
      await Promise.all(all.map((each) => each.append(user('0'))))
      await redis.save()
      await Promise.all(all.map((each) => each.append(user('1'))))
      await redis.kill()
      const calls = Promise.all([
        written.append(user('2')),
        written.append(user('3')),
        read.messages(),
        looked.info(),
        cleared.clear(),
      ])
      calls.catch(() => undefined)
      await redis.restart({ keepData: true })
      const [, , { messages }, info] = await calls
      expect(await contentsOf(written)).toEqual(['0', '1', '2', '3'])
      expect(messages).toHaveLength(2)
      expect(info).toMatchObject({ count: 2 })
      expect(await contentsOf(cleared)).toEqual([])
    })

    it('has sessions that began, were cleared, summarised or deleted meanwhile', async () => {
      const [begun, cleared, summarised, deleted, again] = [session(), session(), session(), session(), session()]
      for (const each of [cleared, summarised, deleted, again]) await each.append([user('0'), user('1')])
      await redis.save()
      await begun.append(user('0'))
      await begun.state.set({ a: 1 })
      await cleared.clear()
      await cleared.append(user('2'))
      const { version: basedOn } = await summarised.messages()
      await summarised.summary.commit({ text: 'Two.', coversSeq: 2, replaces: null, basedOn })
      await deleted.delete()
      await again.delete()
      await again.append(user('anew'))
      await restart()
      expect(await contentsOf(begun)).toEqual(['0'])
      expect((await begun.state.get()).values).toEqual({ a: 1 })
      expect(await contentsOf(cleared)).toEqual(['2'])
      expect(await contentsOf(summarised)).toEqual([])
      expect(await summarised.summary.get()).toMatchObject({ text: 'Two.', coversSeq: 2 })
      expect(await contentsOf(deleted)).toEqual([])
      expect((await deleted.info()).exists).toBe(false)
      expect(await contentsOf(again)).toEqual(['anew'])
      expect(tested.memory.status().lostSessions).toBe(0)
    })

    it('leaves what others wrote since where it is, and says so', async () => {
      const [mine, theirs] = [away, other].map(({ memory }) => memory.session('shared'))
      await mine!.append(user('0'))
      await mine!.state.set({ field: 'old' })
      await redis.save()
      await mine!.append(user('mine'), { operationId: 'mine' })
      await mine!.state.set({ field: 'mine', own: 2 }, { operationId: 'state' })
      const events = await eventsOf<WriteHealedEvent>('healed', async () => {
        await away.proxy.refuse()
        await restart()
        await theirs!.append([user('theirs'), user('more')])
        await theirs!.state.set({ field: 'theirs' })
        await away.proxy.restore()
        await poll(() => succeeds(mine!.info()))
      })
      expect(await contentsOf(mine!)).toEqual(['0', 'theirs', 'more', 'mine'])
      expect((await mine!.state.get()).values).toEqual({ field: 'theirs', own: 2 })
      expect(events).toEqual([
        expect.objectContaining({ operationId: 'mine', seqs: [4], behind: 2, outdated: [] }),
        expect.objectContaining({ operationId: 'state', seqs: [], behind: 0, outdated: ['field'] }),
      ])
    })

    it('says what is not kept any more: once, and goes on', async () => {
      const [thrown, reported] = [small.memory.session(randomUUID()), reporting.memory.session(randomUUID())]
      for (const each of [thrown, reported]) await each.append(user('0'))
      await redis.save()
      for (const each of [thrown, reported])
        for (let index = 1; index < 20; index++) await each.append(user(`${index} ${text}`))
      const events = await eventsOf<SessionLostEvent>('lost', async () => {
        await restart()
        const error: unknown = await thrown.append(user('next')).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(MemoryLostError)
        expect(error).toMatchObject({ code: 'LOST', reason: 'failed-over', seqs: { from: 2 } })
        await reported.append(user('next'))
      })
      expect(events).toHaveLength(2)
      for (const each of [thrown, reported]) {
        const { seqs } = events.find(({ sessionId }) => sessionId === each.id)!
        await each.append(user('more'))
        const contents = (await contentsOf(each)).map((content) => String(content).split(' ')[0])
        const kept = Array.from({ length: 19 - seqs!.to + 1 }, (_, index) => String(seqs!.to + index))
        expect(contents.slice(0, 1 + kept.length)).toEqual(['0', ...kept])
      }
      expect([small, reporting].map(({ memory }) => memory.status().lostSessions)).toEqual([1, 1])
    })

    it('does not make half a session of one that is gone', async () => {
      const gone = small.memory.session(randomUUID())
      for (let index = 0; index < 20; index++) await gone.append(user(`${index} ${text}`))
      await restart(false)
      await expect(gone.messages()).rejects.toMatchObject({ code: 'LOST', reason: 'restarted' })
      expect((await gone.info().catch((error: { code: string }) => error)) as unknown).toMatchObject({ code: 'LOST' })
      await gone.append(user('anew'))
      expect(await contentsOf(gone)).toEqual(['anew'])
    })

    it('loses it, where the options want no healing', async () => {
      const lost = without.memory.session(randomUUID())
      await lost.append(user('0'))
      await redis.save()
      await lost.append(user('1'))
      await restart()
      await expect(lost.append(user('2'))).rejects.toMatchObject({ code: 'LOST', reason: 'rolled-back' })
      expect(await contentsOf(lost)).toEqual(['0'])
    })
  },
  { backend: 'binary' },
)
