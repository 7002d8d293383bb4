import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { answered, claim, claimed, claimKeyOf } from '../../support/claims.js'
import { LineProcess } from '../../support/line-process.js'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'
import type { TurnClaimerCommand, TurnClaimerInput, TurnClaimerLine } from '../../support/workers/turn-claimer.js'

const START = 30_000
const LEASE = 2_000

describeWithRedis('the claim of a process', (redis) => {
  const namespace = `claims-${randomUUID()}`
  const tested = useMemory(redis, {}, namespace)
  const owners: LineProcess<TurnClaimerLine, TurnClaimerCommand>[] = []
  const startOwner = async (session: string): Promise<LineProcess<TurnClaimerLine, TurnClaimerCommand>> => {
    const input: TurnClaimerInput = { connection: redis.connection, namespace, session, lease: LEASE }
    const owner = new LineProcess<TurnClaimerLine, TurnClaimerCommand>('turn-claimer', input)
    owners.push(owner)
    await owner.line('claimed', START)
    return owner
  }
  afterEach(async () => {
    for (const owner of owners) owner.kill()
    await Promise.all(owners.splice(0).map(({ ended }) => ended))
  })

  it('that is killed is over with its lease: one of those who wait runs the turn', async () => {
    const session = tested.newSession()
    const owner = await startOwner(session.id)
    await expect(claim(session, { wait: 0 })).rejects.toMatchObject({ code: 'LOCKED' })
    const start = performance.now()
    owner.kill()
    const runs = await Promise.all(
      [1, 2, 3].map(async (caller) => {
        const found = await claim<number>(session)
        if (found.state === 'answered') return { ran: false, answer: found.answer }
        return { ran: true, answer: await answered(found.claim, caller) }
      }),
    )
    expect(await owner.ended).toEqual({ code: null, signal: 'SIGKILL' })
    expect(performance.now() - start).toBeLessThan(LEASE + 1_500)
    expect(runs.filter(({ ran }) => ran)).toHaveLength(1)
    expect(new Set(runs.map(({ answer }) => answer)).size).toBe(1)
  })

  it('that is killed after it wrote its answer ahead has answered', async () => {
    const session = tested.newSession()
    const owner = await startOwner(session.id)
    owner.send({ answer: 'written ahead' })
    await owner.line('standing', START)
    owner.kill()
    await owner.ended
    expect(await session.info()).toMatchObject({ exists: false })
    expect(await claim(session)).toMatchObject({ state: 'answered', answer: 'written ahead' })
  })

  it('that is stopped for longer than its lease is told what another answered meanwhile', async () => {
    const session = tested.newSession()
    const owner = await startOwner(session.id)
    owner.send({ stop: true })
    await owner.line('stopping', START)
    const theirs = await claimed(session, { wait: 2 * LEASE })
    await theirs.answer('by another')
    owner.resume()
    owner.send({ answer: 'by who was stopped' })
    expect(await owner.line('standing', START)).toMatchObject({ standing: 'by another' })
    expect(await claim(session)).toMatchObject({ state: 'answered', answer: 'by another' })
  })

  it('that is stopped for longer than its lease and answers first has answered for both', async () => {
    const session = tested.newSession()
    const owner = await startOwner(session.id)
    owner.send({ stop: true })
    await owner.line('stopping', START)
    const theirs = await claimed(session, { wait: 2 * LEASE })
    owner.resume()
    owner.send({ answer: 'by who was stopped' })
    expect(await owner.line('standing', START)).toMatchObject({ standing: 'by who was stopped' })
    expect(await answered(theirs, 'by another')).toBe('by who was stopped')
  })

  it('that is stopped is lost when it goes on: its renewals do not take it back', async () => {
    const session = tested.newSession()
    const owner = await startOwner(session.id)
    owner.send({ stop: true })
    await owner.line('stopping', START)
    const key = claimKeyOf(tested.keyOf(session))
    await poll(async () => (await tested.redis.exists(key)) === 0)
    owner.resume()
    const theirs = await claimed(session, { lease: 500, wait: 0 })
    await theirs.release()
    await (await claimed(session, { wait: 0 })).release()
    owner.send({ answer: 'late' })
    expect(await owner.line('standing', START)).toMatchObject({ standing: 'late', lost: true })
  })
})
