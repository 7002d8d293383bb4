import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import type { AgentSession, SessionOwner } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import type { Claimed, HeldClaim } from '../../../lib/session/claim/claim.interface.js'
import { turnOperationId } from '../../../lib/session/claim/turn-operation.js'
import type { TurnSession } from '../../../lib/session/turn-session.interface.js'
import { claimKeyOf } from '../../support/claims.js'
import { useMemory } from '../../support/use-memory.js'
import { keysOf } from '../../support/on-each-master.js'

const user = { role: 'user', content: 'hello' } as const
const assistant = { role: 'assistant', content: 'hi' } as const
const KEY = 'turn'

const turnsOf = (session: AgentSession): TurnSession => session as unknown as TurnSession

const claim = (session: AgentSession, content: string = user.content): Promise<Claimed<string>> =>
  turnsOf(session).claimTurn({ ...user, content }, { key: KEY, wait: 5_000, keepFor: 60_000 })

const claimed = async (session: AgentSession): Promise<HeldClaim<string>> => {
  const found = await claim(session)
  if (found.state !== 'claimed') throw new Error('the turn was answered before')
  return found.claim
}

const append = async (session: AgentSession): Promise<void> => {
  const operationId = turnOperationId(session.userId, KEY)
  await turnsOf(session).appendTurn([user, assistant], { operationId, fence: undefined, isRepeatable: true })
}

describeWithRedis('the claim on a turn looks at its session', (redis) => {
  const namespace = `claims-${randomUUID()}`
  const tested = useMemory(redis, {}, namespace)
  const small = useMemory(redis, { session: { maxMessages: 4, onFull: 'refuse' } }, namespace)
  const tight = useMemory(redis, { session: { maxMessageBytes: '1kb', maxBytes: '2kb', onFull: 'refuse' } }, namespace)
  const trims = useMemory(redis, { session: { maxMessages: 4 } }, namespace)
  const brief = useMemory(redis, { session: { ttl: '1s' } }, namespace)
  const anns = (id: string): AgentSession => tested.memory.session(id, { userId: 'ann' })
  const claimsOf = ({ id }: AgentSession): Promise<string[]> =>
    keysOf(redis, `${tested.keyOf({ id, tenant: undefined })}:claim:*`)
  const newId = (): string => tested.newSession().id

  it('which is refused when it is another user’s, and nothing is claimed', async () => {
    const session = anns(newId())
    await session.append(user)
    for (const owner of [{ userId: 'bob' }, { userId: 'Ann' }] satisfies SessionOwner[]) {
      await expect(claim(tested.memory.session(session.id, owner))).rejects.toMatchObject({
        code: 'SESSION_NOT_FOUND',
        executed: 'no',
        sessionId: session.id,
      })
    }
    expect(await claimsOf(session)).toEqual([])
    await (await claimed(session)).release()
    await (await claimed(tested.memory.session(session.id))).release()
  })

  it('or nobody’s yet, and then whose summary outlived the one before it', async () => {
    const id = newId()
    await (await claimed(tested.memory.session(id, { userId: 'bob' }))).release()
    await tested.memory.session(id).append(user)
    await (await claimed(tested.memory.session(id, { userId: 'bob' }))).release()
    const session = anns(newId())
    await session.append([user, assistant])
    const { version } = await session.info()
    await session.summary.commit({ text: 'so far', coversSeq: 2, replaces: null, basedOn: version })
    // Its time is over, and the summary has one of its own.
    await tested.redis.unlink(tested.keyOf(session))
    await expect(claim(tested.memory.session(session.id, { userId: 'bob' }))).rejects.toMatchObject({
      code: 'SESSION_NOT_FOUND',
    })
    await (await claimed(anns(session.id))).release()
    await (await claimed(tested.memory.session(session.id))).release()
  })

  it('also when the turn was answered: what another user may not append they may not be given', async () => {
    const session = anns(newId())
    await (await claimed(session)).answer('for ann')
    await session.append(user)
    const stolen = tested.memory.session(session.id, { userId: 'bob' })
    // As if bob had claimed it, before the session was ann's.
    const kept = await tested.redis.get(claimKeyOf(tested.keyOf(session), { userId: 'ann' }))
    await tested.redis.set(claimKeyOf(tested.keyOf(session), { userId: 'bob' }), kept!, 'PX', 60_000)
    await expect(claim(stolen)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })

  it('which is refused when it takes no more, by messages or by bytes', async () => {
    const session = small.memory.session(newId())
    await session.append([user, assistant, user])
    await (await claimed(session)).release()
    await session.append(assistant)
    await expect(claim(session)).rejects.toMatchObject({ code: 'SESSION_FULL', executed: 'no' })
    expect(await claimsOf(session)).toEqual([])
    await (await claimed(trims.memory.session(session.id))).release()
    const heavy = tight.memory.session(newId())
    const record = { role: 'user', content: 'x'.repeat(900) } as const
    await heavy.append([record, record])
    await (await claimed(heavy)).release()
    await tested.redis.hset(tested.keyOf(heavy), 'b', 2_048)
    await expect(claim(heavy)).rejects.toMatchObject({ code: 'SESSION_FULL' })
    await (await claimed(tested.memory.session(heavy.id))).release()
  })

  it('which knows the turn when nobody knows its answer', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    await append(session)
    // As after a lease, or after keepFor.
    await held.release()
    await expect(claim(session)).rejects.toMatchObject({ code: 'OPERATION_FORGOTTEN' })
    await expect(claim(session, 'something else')).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    expect(await claimsOf(session)).toEqual([])
    // Others than the last one, too.
    await session.append({ role: 'user', content: 'later' })
    await expect(claim(session)).rejects.toMatchObject({ code: 'OPERATION_FORGOTTEN' })
    await session.clear()
    await expect(claim(session)).rejects.toMatchObject({ code: 'OPERATION_FORGOTTEN' })
    await session.delete()
    await expect(claim(session)).rejects.toMatchObject({ code: 'SESSION_DELETED' })
    expect(await session.info()).toMatchObject({ exists: false })
  })

  it('which no longer knows it, where a claim says so for as long as an answer is kept', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    expect(await held.answer(undefined)).toBeUndefined()
    await append(session)
    await held.appended()
    for (let count = 0; count < 160; count += 1) await session.append({ role: 'user', content: `later ${count}` })
    await expect(claim(session)).rejects.toMatchObject({ code: 'OPERATION_FORGOTTEN' })
    await tested.redis.unlink(...(await claimsOf(session)))
    await (await claimed(session)).release()
  })

  it('which says that a turn without an answer was deleted with it', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    await held.answer(undefined)
    await append(session)
    await held.appended()
    await session.delete()
    await expect(claim(session)).rejects.toMatchObject({ code: 'SESSION_DELETED' })
  })

  it('whose turn is noted also when the claim was lost since it was asked for', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    await held.answer(undefined)
    await append(session)
    await tested.redis.unlink(...(await claimsOf(session)))
    await held.appended()
    expect(await tested.redis.get((await claimsOf(session))[0]!)).toMatch(/^a \d+ [\da-f]{32} $/)
  })

  it('which is over at its end, with all that it knows', async () => {
    const session = brief.memory.session(newId(), { userId: 'ann' })
    await append(session)
    const key = tested.keyOf(session)
    // Still there, as for the sake of a lock.
    await tested.redis.hset(key, 'x', Date.now() - 1)
    await tested.redis.pexpire(key, 60_000)
    for (const userId of ['bob', 'ann']) {
      const found = await claim(tested.memory.session(session.id, { userId }))
      expect(found.state).toBe('claimed')
    }
  })

  it('by its own turn alone: each user has another under the same key', async () => {
    const session = tested.newSession()
    await append(session)
    expect(await claim(anns(session.id))).toMatchObject({ state: 'claimed' })
  })
})
