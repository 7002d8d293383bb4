import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { MemoryConflictError, MemoryLockError, MemoryLockLostError, type AgentSession } from 'nestjs-agent-memory'
import { describeWithRedis, expectNoImmortalKeys } from 'nestjs-agent-memory/testing'
import type { ClaimOptions } from '../../../lib/session/claim/claim.interface.js'
import { answered, claim, claimed, claimKeyOf } from '../../support/claims.js'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'
import { watchCommands } from '../../support/watch-commands.js'

const DAY = 86_400_000

/** A turn as it is run: by who claimed it, for a while. */
const runTurn = async (
  session: AgentSession,
  handler: () => Promise<unknown>,
  options?: Partial<ClaimOptions>,
): Promise<unknown> => {
  const found = await claim(session, options)
  return found.state === 'answered' ? found.answer : answered(found.claim, await handler())
}

describeWithRedis('the claim on a turn', (redis) => {
  const namespace = `claims-${randomUUID()}`
  const tested = useMemory(redis, { session: { ttl: '2d' } }, namespace)
  const other = useMemory(redis, { session: { ttl: '2d' } }, namespace)
  const brief = useMemory(redis, { session: { ttl: '10m' } }, namespace)
  const keyOf = (session: AgentSession, turn?: Parameters<typeof claimKeyOf>[1]): string =>
    claimKeyOf(tested.keyOf(session), turn)
  const there = ({ id, userId }: AgentSession): AgentSession => other.memory.session(id, { userId })

  it('lets one of ten callers run it, in two processes, and gives its answer to all', async () => {
    const session = tested.newSession()
    let calls = 0
    const handler = async (): Promise<unknown> => {
      calls++
      await sleep(300)
      return { text: 'Noted.', at: new Date(5), from: new Map([['call', calls]]) }
    }
    const callers = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? session : there(session)))
    const answers = await Promise.all(callers.map((caller) => runTurn(caller, handler)))
    expect(calls).toBe(1)
    expect(answers).toEqual(callers.map(() => ({ text: 'Noted.', at: new Date(5), from: new Map([['call', 1]]) })))
  })

  it('has one of a process ask at a time', async () => {
    const session = tested.newSession()
    const watch = await watchCommands(redis)
    const key = keyOf(session)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        runTurn(session, async () => {
          await sleep(300)
          return 'once'
        }),
      ),
    )
    await poll(() => watch.lines.filter((line) => line.includes(key)).length >= 11)
    watch.stop()
    expect(new Set(answers)).toEqual(new Set(['once']))
    // A claim and an answer, and one question of each of the others; EVAL comes on top where the script was not known yet.
    const lines = watch.lines.filter((line) => line.includes(key) && line.includes('"evalsha"'))
    expect(lines).toHaveLength(11)
  })

  it('stands with its lease, then with its answer for as long as asked, then is nobody’s', async () => {
    const session = tested.newSession()
    const held = await claimed(session, { lease: 20_000, keepFor: 3_000 })
    const key = keyOf(session)
    expect(await tested.redis.get(key)).toMatch(/^r [\w-]{36} [\da-f]{32} /)
    expect(await tested.redis.pttl(key)).toBeGreaterThan(15_000)
    expect(await tested.redis.pttl(key)).toBeLessThanOrEqual(20_000)
    await expectNoImmortalKeys(redis, { pattern: `am:{${namespace}*` })
    const before = performance.now()
    expect(await answered(held, 'the answer')).toBe('the answer')
    expect(await tested.redis.get(key)).toMatch(/^a \d{13} [\da-f]{32} "the answer"$/)
    expect(await tested.redis.pttl(key)).toBeGreaterThan(1_000)
    expect(await tested.redis.pttl(key)).toBeLessThanOrEqual(3_000)
    await expectNoImmortalKeys(redis, { pattern: `am:{${namespace}*` })
    const found = await claim(there(session))
    expect(found).toEqual({ state: 'answered', answer: 'the answer', since: expect.any(Number) })
    const { since } = found as { since: number }
    expect(since).toBeGreaterThan(before - 100)
    expect(since).toBeLessThan(performance.now())
    await held.release()
    expect(await tested.redis.exists(key)).toBe(1)
    await poll(async () => (await tested.redis.exists(key)) === 0)
    const next = await claimed(session)
    await next.release()
    expect(await tested.redis.exists(key)).toBe(0)
  })

  it('keeps the answer for a day at the most, and not longer than the ttl of the session', async () => {
    for (const [{ memory }, most] of [
      [tested, DAY],
      [brief, 600_000],
    ] as const) {
      const session = memory.session(`kept-${most}`)
      await (await claimed(session, { keepFor: 30 * DAY })).answer('kept')
      const pttl = await tested.redis.pttl(keyOf(session))
      expect(pttl).toBeGreaterThan(most - 10_000)
      expect(pttl).toBeLessThanOrEqual(most)
    }
  })

  it('is renewed while the turn runs', async () => {
    const session = tested.newSession()
    const held = await claimed(session, { lease: 1_000 })
    const end = performance.now() + 2_500
    while (performance.now() < end) {
      await expect(claim(there(session), { wait: 0 })).rejects.toBeInstanceOf(MemoryLockError)
      await sleep(50)
    }
    expect(held.signal.aborted).toBe(false)
    expect(await answered(held, 'late')).toBe('late')
    await sleep(1_200)
    expect(held.signal.aborted).toBe(false)
  })

  it('is waited for as long as asked, by who waits in this process and by who waits in another', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    for (const caller of [session, there(session)]) {
      for (const [wait, most] of [
        [0, 300],
        [300, 900],
      ] as const) {
        const start = performance.now()
        await expect(claim(caller, { wait })).rejects.toMatchObject({
          code: 'LOCKED',
          retryable: true,
          executed: 'no',
          sessionId: session.id,
          message: 'the turn under this key is still under way',
        })
        const took = performance.now() - start
        expect(took).toBeGreaterThanOrEqual(wait - 1)
        expect(took).toBeLessThan(most)
      }
    }
    await held.release()
  })

  it('lets the next one run after a release: also one that waits', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    const waiting = [claim(session), claim(there(session))]
    await held.release()
    const first = await Promise.race(waiting)
    if (first.state !== 'claimed') throw new Error('nobody answered')
    await first.claim.answer('the second try')
    const states = await Promise.all(waiting)
    expect(states.map(({ state }) => state).toSorted()).toEqual(['answered', 'claimed'])
    expect(states.find(({ state }) => state === 'answered')).toMatchObject({ answer: 'the second try' })
  })

  it('is lost, and says so, when it is another’s; nobody of its process waits for it then', async () => {
    const session = tested.newSession()
    const held = await claimed(session, { lease: 1_000 })
    await tested.redis.unlink(keyOf(session))
    const theirs = await claimed(there(session), { lease: 20_000 })
    await once(held.signal, 'abort')
    expect(held.signal.reason).toBeInstanceOf(MemoryLockLostError)
    expect(held.signal.reason).toMatchObject({ code: 'LOCK_LOST', sessionId: session.id })
    const waiting = claim(session)
    await theirs.answer('theirs')
    expect(await waiting).toMatchObject({ state: 'answered', answer: 'theirs' })
    expect(await answered(held, 'mine')).toBe('theirs')
  })

  it('is released by its owner alone', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    await tested.redis.unlink(keyOf(session))
    const theirs = await claimed(there(session), { lease: 1_000 })
    await held.release()
    const end = performance.now() + 1_200
    while (performance.now() < end) {
      await expect(claim(session, { wait: 0 })).rejects.toMatchObject({ code: 'LOCKED' })
      await sleep(50)
    }
    expect(theirs.signal.aborted).toBe(false)
    await theirs.release()
  })

  it('the first answer stands, whoever holds the claim by then', async () => {
    const session = tested.newSession()
    const mine = await claimed(session, { lease: 1_000 })
    await tested.redis.unlink(keyOf(session))
    const theirs = await claimed(there(session))
    expect(await answered(mine, { by: 'me' })).toEqual({ by: 'me' })
    expect(await answered(theirs, { by: 'them' })).toEqual({ by: 'me' })
    expect(await claim(there(session))).toMatchObject({ answer: { by: 'me' } })
  })

  it('an answer is never taken for that of another message, which has the key by now', async () => {
    const session = tested.newSession()
    const mine = await claimed(session)
    await tested.redis.unlink(keyOf(session))
    const theirs = await claimed(there(session), { payload: 'another' })
    await expect(mine.answer('mine')).rejects.toMatchObject({ code: 'OPERATION_REUSED', executed: 'no' })
    expect(await answered(theirs, 'theirs')).toBe('theirs')
  })

  it.each(['running', 'answered'])('is refused for another message under its key, when it is %s', async (state) => {
    const session = tested.newSession()
    const held = await claimed(session)
    if (state === 'answered') await held.answer('the answer')
    const before = await tested.redis.get(keyOf(session))
    const failed = claim(there(session), { payload: 'a secret' })
    await expect(failed).rejects.toBeInstanceOf(MemoryConflictError)
    await expect(failed).rejects.toMatchObject({
      code: 'OPERATION_REUSED',
      executed: 'no',
      message: 'the idempotency key was used before, for another message; give every turn its own',
    })
    expect(await tested.redis.get(keyOf(session))).toBe(before)
    await held.release()
  })

  it('is one for each key, session and user', async () => {
    const session = tested.newSession({ userId: 'ann' })
    await (await claimed(session)).answer('for ann')
    const others = [
      claimed(tested.memory.session(session.id, { userId: 'bob' })),
      claimed(tested.memory.session(session.id)),
      claimed(session, { key: 'other' }),
      claimed(tested.newSession({ userId: 'ann' })),
    ]
    for (const held of await Promise.all(others)) await held.release()
    expect(await claim(there(session))).toMatchObject({ answer: 'for ann' })
    expect(await tested.redis.exists(keyOf(session, { userId: 'ann' }))).toBe(1)
  })

  it('goes on with an answer over maxMessageBytes, which is not kept, until its turn is appended', async () => {
    const session = tested.newSession()
    const held = await claimed(session, { lease: 1_000 })
    for (const answer of ['x'.repeat(1_048_576), undefined]) {
      expect((await held.answer(answer)) === undefined).toBe(true)
      expect(await tested.redis.get(keyOf(session))).toMatch(/^r /)
    }
    // Longer than the lease.
    const end = performance.now() + 1_500
    while (performance.now() < end) {
      await expect(claim(there(session), { wait: 0 })).rejects.toMatchObject({ code: 'LOCKED' })
      await sleep(50)
    }
    const waiting = claim(session)
    await held.appended()
    expect(await tested.redis.get(keyOf(session))).toMatch(/^a \d{13} [\da-f]{32} $/)
    expect(await tested.redis.pttl(keyOf(session))).toBeGreaterThan(3_500_000)
    const forgotten = {
      code: 'OPERATION_FORGOTTEN',
      executed: 'unknown',
      message:
        'the turn was kept before, and its answer was not: too large, too long ago, or Redis was away; read the session',
    }
    await expect(waiting).rejects.toMatchObject(forgotten)
    await expect(claim(there(session))).rejects.toMatchObject(forgotten)
    // One byte less, with its quotes.
    const fits = await claimed(session, { key: 'fits' })
    await fits.answer('x'.repeat(1_048_574))
    expect(await claim(there(session), { key: 'fits' })).toMatchObject({ answer: 'x'.repeat(1_048_574) })
  })

  it('is refused to go on with an answer that is not kept when it was lost', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    await tested.redis.unlink(keyOf(session))
    const theirs = await claimed(there(session))
    await expect(held.answer(undefined)).rejects.toMatchObject({ code: 'LOCK_LOST', sessionId: session.id })
    await theirs.release()
    await held.release()
    const late = await claimed(session, { lease: 1_000 })
    await tested.redis.unlink(keyOf(session))
    await once(late.signal, 'abort')
    await expect(late.answer(undefined)).rejects.toBe(late.signal.reason)
  })

  it('refuses an answer that would not come back as it is, with its path; the claim may be released then', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    const failed = held.answer({ tools: [{ run: () => 1 }] })
    await expect(failed).rejects.toMatchObject({ code: 'NOT_SERIALIZABLE', path: 'answer.tools[0].run' })
    await held.release()
    await (await claimed(session, { wait: 0 })).release()
  })

  it('says that what stands there cannot be read, and leaves it', async () => {
    const session = tested.newSession()
    await (await claimed(session)).answer({ a: 1 })
    const key = keyOf(session)
    const good = (await tested.redis.get(key))!
    for (const [bad, text] of [
      [good.slice(0, -1), /cannot be read/],
      ['a 1 x y', /not what this version writes/],
    ] as const) {
      await tested.redis.set(key, bad, 'PX', 60_000)
      await expect(claim(session)).rejects.toMatchObject({ code: 'CORRUPT', message: expect.stringMatching(text) })
      expect(await tested.redis.get(key)).toBe(bad)
    }
  })

  it('is not waited for by a caller who is gone, and nothing stays claimed for them', async () => {
    const session = tested.newSession()
    const held = await claimed(session)
    const gone = new Error('the client is gone')
    for (const caller of [session, there(session)]) {
      const controller = new AbortController()
      const waiting = claim(caller, { signal: controller.signal })
      const settled = waiting.catch((error: unknown) => error)
      await sleep(100)
      const start = performance.now()
      controller.abort(gone)
      expect(await settled).toBe(gone)
      expect(performance.now() - start).toBeLessThan(200)
    }
    await expect(claim(session, { signal: AbortSignal.abort(gone) })).rejects.toBe(gone)
    await held.release()
    await (await claimed(there(session), { wait: 0 })).release()
  })

  it('is lost by a process whose event loop stood still, which knows by the clock', async () => {
    const session = tested.newSession()
    const held = await claimed(session, { lease: 1_000 })
    const end = performance.now() + 1_300
    while (performance.now() < end) Math.sqrt(end)
    const events = new EventEmitter()
    held.signal.addEventListener('abort', () => events.emit('lost'))
    await once(events, 'lost')
    const theirs = await claimed(there(session), { wait: 0 })
    await theirs.answer('theirs')
    expect(await answered(held, 'mine')).toBe('theirs')
  })
})
