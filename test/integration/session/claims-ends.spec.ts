import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { MemoryModule, type AgentSession, type AppendResult } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis } from 'nestjs-agent-memory/testing'
import type { TurnSession } from '../../../lib/session/turn-session.interface.js'
import { answered, claim, claimed, claimKeyOf } from '../../support/claims.js'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'

const turn = (answer: unknown) => [
  { role: 'user' as const, content: 'hello' },
  { role: 'assistant' as const, content: String(answer) },
]
/** What is done with an answer that is found, before it is given: see decision 031. */
const append = (session: AgentSession, answer: unknown): Promise<AppendResult> =>
  session.append(turn(answer), { operationId: 'turn' })

const replay = async (session: AgentSession): Promise<AppendResult> => {
  const found = await claim(session)
  if (found.state !== 'answered') throw new Error('nobody answered')
  return append(session, found.answer)
}

const turnsOf = (session: AgentSession): TurnSession => session as unknown as TurnSession

describeWithRedis('the claim on a turn and the end of its session', (redis) => {
  const namespace = `claims-${randomUUID()}`
  const tested = useMemory(redis, {}, namespace)
  const late = useMemory(redis, {}, namespace)

  it('an answer that was not appended before its process died is appended by who finds it, once', async () => {
    const session = tested.newSession()
    await (await claimed(session)).answer('hi')
    expect(await replay(session)).toMatchObject({ duplicate: false })
    expect(await replay(session)).toMatchObject({ duplicate: true })
    expect((await session.messages()).messages.map(({ content }) => content)).toEqual(['hello', 'hi'])
  })

  it('a turn of a deleted session is not replayed: its append is refused, and nothing begins anew', async () => {
    const session = tested.newSession()
    const answer = await answered(await claimed(session), 'hi')
    await append(session, answer)
    await session.delete()
    await expect(replay(session)).rejects.toMatchObject({ code: 'SESSION_DELETED' })
    expect(await session.info()).toMatchObject({ exists: false })
    // The mark of the deletion outlives the answer.
    const [mark, kept] = [tested.keyOf(session), claimKeyOf(tested.keyOf(session))].map((key) => tested.redis.pttl(key))
    expect(await mark).toBeGreaterThan((await kept)!)
  })

  it('a turn that was answered and not yet appended when the session was deleted begins it anew', async () => {
    const session = tested.newSession()
    await session.append({ role: 'user', content: 'before' })
    await (await claimed(session)).answer('hi')
    await session.delete()
    expect(await replay(session)).toMatchObject({ duplicate: false })
    expect((await session.messages()).messages.map(({ content }) => content)).toEqual(['hello', 'hi'])
  })

  it('a turn of a session that was emptied is one that was: it is answered, and not appended again', async () => {
    const session = tested.newSession()
    await append(session, await answered(await claimed(session), 'hi'))
    await session.clear()
    expect(await replay(session)).toMatchObject({ duplicate: true })
    expect((await session.messages()).messages).toEqual([])
  })

  it('an answer that is found many writes later says so, and its turn is not appended again', async () => {
    const session = tested.newSession()
    await append(session, await answered(await claimed(session), 'hi'))
    for (let count = 0; count < 200; count++) await session.append({ role: 'user', content: `later ${count}` })
    const later = late.memory.session(session.id)
    const found = (await claim(later)) as { answer: unknown; since: number }
    const terms = { operationId: 'turn', fence: undefined, isRepeatable: false }
    const again = (since?: number) => turnsOf(later).appendTurn(turn(found.answer), { ...terms, since })
    expect(await again(found.since)).toMatchObject({ duplicate: true })
    expect(await session.info()).toMatchObject({ count: 202 })
    // Without the time: the session no longer remembers the turn.
    expect(await again()).toMatchObject({ duplicate: false })
  })

  it('an application that closes answers what it has claimed, and lets nobody wait any more', async () => {
    const closing = await createMemoryTestingModule({
      redis,
      namespace: tested.namespace,
      imports: [MemoryModule.forRoot({ connection: redis.connection })],
    })
    const session = closing.memory.session('closing')
    const held = await claimed(session)
    const waiting = claim(session, { wait: 60_000 })
    const settled = waiting.catch((error: unknown) => error)
    const closed = closing.app.close()
    expect(await settled).toMatchObject({ code: 'SHUTDOWN', executed: 'no' })
    expect(await answered(held, 'in time')).toBe('in time')
    await closed
    expect(await poll(() => tested.redis.get(claimKeyOf(tested.keyOf(session))))).toMatch(/"in time"$/)
    await closing.close()
  })
})
