import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { MemoryLockLostError } from 'nestjs-agent-memory'
import { describeWithRedis, type FaultAction, type ScriptedFault } from 'nestjs-agent-memory/testing'
import { answered, claim, claimed, claimKeyOf } from '../../support/claims.js'
import { poll } from '../../support/poll.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { useMemory } from '../../support/use-memory.js'

type How = 'claim' | 'renew' | 'answer' | 'release'

describeWithRedis('the claim on a turn under faults', (redis) => {
  const namespace = `claims-${crypto.randomUUID()}`
  const tested = useFaultyMemory(redis, { resilience: { deadline: '1s' } }, namespace)
  const other = useMemory(redis, {}, namespace)
  let sessions = 0
  const newSession = () => tested.memory.session(`claimed-${++sessions}`)
  const there = ({ id }: { readonly id: string }) => other.memory.session(id)
  const stands = ({ id }: { readonly id: string }): Promise<string | null> =>
    tested.redis.get(claimKeyOf(tested.keyOf(id)))
  /** Hits calls of the claim's script as they come through the proxy. */
  const hit = (how: How, action: FaultAction, times = 1, ms?: number): ScriptedFault =>
    tested.proxy.on({ command: 'EVALSHA', when: (args) => args[5] === how, times }, action, { ms })

  it.each([
    ['claim', 'drop-reply'],
    ['claim', 'cut-before'],
    ['answer', 'drop-reply'],
    ['answer', 'cut-before'],
  ] as const)('a %s after a %s is one', async (how, action) => {
    const session = newSession()
    const fault = hit(how, action)
    const before = tested.proxy.commands('EVALSHA')
    const held = await claimed(session)
    expect(await stands(session)).toMatch(/^r /)
    expect(await answered(held, 'the answer')).toBe('the answer')
    expect(await claim(there(session))).toMatchObject({ state: 'answered', answer: 'the answer' })
    expect(fault.hits).toBe(1)
    // A node of a cluster may have answered that the slot is another's.
    expect(redis.topology === 'cluster' ? [3, 4] : [3]).toContain(tested.proxy.commands('EVALSHA') - before)
  })

  it.each(['drop-reply', 'cut-before'] as const)('a release after a %s is made', async (action) => {
    const session = newSession()
    const fault = hit('release', action)
    const before = tested.proxy.commands('EVALSHA')
    await (await claimed(session)).release()
    expect(await stands(session)).toBeNull()
    expect(fault.hits).toBe(1)
    expect(redis.topology === 'cluster' ? [3, 4] : [3]).toContain(tested.proxy.commands('EVALSHA') - before)
  })

  it('the answer given to who waits is asked for again after a lost reply', async () => {
    const session = newSession()
    await (await claimed(there(session))).answer(new Date(5))
    const fault = hit('claim', 'drop-reply')
    expect(await claim(session)).toMatchObject({ state: 'answered', answer: new Date(5) })
    expect(fault.hits).toBe(1)
  })

  it.each(['drop-reply', 'cut-before'] as const)('a renewal after a %s is made again', async (action) => {
    const session = newSession()
    const fault = hit('renew', action)
    const held = await claimed(session, { lease: 1_000 })
    await poll(() => fault.hits === 1)
    const end = performance.now() + 1_500
    while (performance.now() < end) {
      await expect(claim(there(session), { wait: 0 })).rejects.toMatchObject({ code: 'LOCKED' })
      await sleep(50)
    }
    expect(held.signal.aborted).toBe(false)
    expect(await answered(held, 'late')).toBe('late')
  })

  it('a claim whose caller gave up is taken back', async () => {
    const session = newSession()
    const fault = hit('claim', 'drop-reply', 50)
    await expect(claim(session)).rejects.toMatchObject({ executed: 'unknown', retryable: true })
    expect(fault.hits).toBeGreaterThan(1)
    expect(await stands(session)).toMatch(/^r /)
    fault.remove()
    await (await claimed(there(session), { wait: 3_000 })).release()
  })

  it('a claim whose caller is gone before it is granted is taken back', async () => {
    const session = newSession()
    const fault = hit('claim', 'delay', 1, 300)
    const controller = new AbortController()
    const asking = claim(session, { signal: controller.signal })
    const settled = asking.catch((error: unknown) => error)
    await poll(() => fault.hits === 1)
    const gone = new Error('gone')
    controller.abort(gone)
    expect(await settled).toBe(gone)
    await poll(async () => (await stands(session)) === null)
    await (await claimed(there(session), { wait: 0 })).release()
  })

  it('an answer whose fate is unknown may be given again: the one that stands is known', async () => {
    const session = newSession()
    const held = await claimed(session)
    const fault = hit('answer', 'drop-reply', 50)
    await expect(held.answer({ text: 'first' })).rejects.toMatchObject({ executed: 'unknown', retryable: true })
    fault.remove()
    expect(fault.hits).toBeGreaterThan(1)
    expect(await answered(held, { text: 'second' })).toEqual({ text: 'first' })
    // And it cannot be given up any more.
    await held.release()
    expect(await claim(there(session))).toMatchObject({ answer: { text: 'first' } })
  })

  it('an answer that did not arrive may be given again, or the turn given up', async () => {
    const [again, up] = [newSession(), newSession()]
    const [first, second] = [await claimed(again), await claimed(up)]
    const fault = hit('answer', 'cut-before', 50)
    const unsent = { code: 'UNAVAILABLE' }
    await expect(first.answer('a')).rejects.toMatchObject(unsent)
    await expect(second.answer('b')).rejects.toMatchObject(unsent)
    fault.remove()
    expect(fault.hits).toBeGreaterThan(2)
    expect(await answered(first, 'a')).toBe('a')
    await second.release()
    await (await claimed(there(up), { wait: 0 })).release()
  })

  it('a claim that cannot be released ends by itself', async () => {
    const session = newSession()
    const held = await claimed(session, { lease: 1_000 })
    const fault = hit('release', 'cut-before', 50)
    await held.release()
    expect(fault.hits).toBeGreaterThan(0)
    await (await claimed(there(session), { wait: 3_000 })).release()
  })

  it('is lost, and says so, before another can have it when the network swallows all', async () => {
    const session = newSession()
    const held = await claimed(session, { lease: 1_000 })
    tested.proxy.blackhole()
    const taking = claimed(there(session), { wait: 5_000 })
    const taken = taking.then(() => performance.now())
    await once(held.signal, 'abort')
    const lost = performance.now()
    expect(held.signal.reason).toBeInstanceOf(MemoryLockLostError)
    expect(await taken).toBeGreaterThan(lost)
    await tested.proxy.restore()
    await (await taking).answer('theirs')
    expect(await poll(() => answered(held, 'mine').catch(() => undefined))).toBe('theirs')
  })
})
