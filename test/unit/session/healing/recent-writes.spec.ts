import { describe, expect, it } from '@jest/globals'
import type { RecentWrite } from '../../../../lib/session/healing/recent-write.interface.js'
import { RecentWrites } from '../../../../lib/session/healing/recent-writes.js'

const write = (key: string, storedAt: number, more: Partial<RecentWrite> = {}): RecentWrite => ({
  content: { kind: 'append', messages: [] },
  canonical: '',
  target: { id: key, tenant: undefined, userId: undefined, key, summaryKey: `${key}:summary` },
  operationId: `${key}-${storedAt}`,
  server: { node: '', runId: 'run', isOfCluster: false },
  storedAt,
  writtenAt: 0,
  order: storedAt,
  version: `${storedAt}-000000000000`,
  began: false,
  expires: 0,
  seqs: { from: storedAt, to: storedAt },
  bytes: 100,
  ...more,
})

const idsOf = (writes: RecentWrites, key: string): string[] => [...writes.of(key)].map(({ operationId }) => operationId)

describe('writes that are kept until they were passed on', () => {
  it('are in the order of their session', () => {
    const writes = new RecentWrites(1_000)
    for (const each of [write('a', 1), write('b', 2), write('a', 3)]) writes.add(each)
    expect([...writes.sessions]).toEqual(['a', 'b'])
    expect(idsOf(writes, 'a')).toEqual(['a-1', 'a-3'])
    expect(writes.size).toBe(2)
  })

  it('go when their server has passed them on, and those of another do not', () => {
    const writes = new RecentWrites(1_000)
    for (const each of [write('a', 1), write('b', 2), write('a', 3)]) writes.add(each)
    writes.add(write('c', 1, { server: { node: 'other', runId: 'other', isOfCluster: true } }))
    writes.passed('run', 2)
    expect([...writes.sessions]).toEqual(['a', 'c'])
    expect(idsOf(writes, 'a')).toEqual(['a-3'])
    expect(writes.givenUp('a')).toBeUndefined()
  })

  it('are given up when they are old or too many, the oldest first, and that is known of the session', () => {
    const writes = new RecentWrites(300)
    for (const at of [1, 2, 3, 4]) writes.add(write('a', at))
    expect(idsOf(writes, 'a')).toEqual(['a-2', 'a-3', 'a-4'])
    expect(writes.givenUp('a')).toEqual({ counter: 1, lastSeq: 1 })
    writes.giveUpBefore('run', 3)
    expect(idsOf(writes, 'a')).toEqual(['a-4'])
    writes.giveUpBefore('run', 4)
    expect(writes.size).toBe(0)
    expect(writes.givenUp('a')).toEqual({ counter: 4, lastSeq: 4 })
  })

  it('remember the last message that was given up, also when state was after it', () => {
    const writes = new RecentWrites(1_000)
    writes.add(write('a', 1))
    writes.add(write('a', 2, { seqs: undefined, content: { kind: 'state.delete', names: ['x'] } }))
    writes.giveUpBefore('run', 2)
    expect(writes.givenUp('a')).toEqual({ counter: 2, lastSeq: 1 })
  })

  it('have nothing given up of a session that was passed on later', () => {
    const writes = new RecentWrites(100)
    writes.add(write('a', 1))
    writes.add(write('a', 2))
    expect(writes.givenUp('a')).toEqual({ counter: 1, lastSeq: 1 })
    writes.passed('run', 2)
    expect(writes.givenUp('a')).toBeUndefined()
  })

  it('are counted once, however often they are removed', () => {
    const writes = new RecentWrites(200)
    const first = write('a', 1)
    writes.add(first)
    writes.remove(first)
    writes.remove(first)
    for (const at of [2, 3]) writes.add(write('a', at))
    expect(idsOf(writes, 'a')).toEqual(['a-2', 'a-3'])
    writes.add(write('a', 4))
    expect(idsOf(writes, 'a')).toEqual(['a-3', 'a-4'])
  })
})
