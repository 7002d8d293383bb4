import { describe, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { interleavings, lostOrDoubled } from './check-writes.js'
import type { FencedWrite } from './fenced-write.interface.js'
import { runLockContention, TTL } from './run-lock-contention.js'

const write = (process: number, fence: number, what: FencedWrite['what']): FencedWrite => ({ process, fence, what })

describe('the check of a contended history', () => {
  const good = [write(1, 10, 'begin'), write(1, 10, 'end'), write(2, 20, 'begin'), write(3, 30, 'begin')]

  it('finds nothing where each holder’s writes stand together', () => {
    expect(interleavings([...good, write(3, 30, 'end')])).toEqual([])
    expect(lostOrDoubled(good, good.slice(1))).toEqual([])
  })

  it.each([
    ['a late write', [...good, write(2, 20, 'end')]],
    ['a fence of two', [...good, write(4, 30, 'end')]],
    ['an end alone', [...good, write(4, 40, 'end')]],
    ['a begin again', [...good, write(3, 30, 'begin')]],
  ])('finds %s', (_, history) => expect(interleavings(history)).toHaveLength(1))

  it('finds what is lost or doubled', () => {
    expect(lostOrDoubled(good.slice(1), good)).toHaveLength(1)
    expect(lostOrDoubled([...good, ...good.slice(0, 1)], good)).toHaveLength(1)
  })
})

describeWithRedis(
  '16 processes that contend for one session, with holders stopped for longer than the ttl',
  (redis) => {
    it('write under the lock as if each were alone, and each gets it', async () => {
      const run = await runLockContention({ url: redis.url, processes: 16, seconds: 8 })
      expect(run.interleavings).toEqual([])
      expect(run.lostOrDoubled).toEqual([])
      expect(run.reports.flatMap(({ unexpected }) => unexpected)).toEqual([])
      expect(run.history.length).toBeGreaterThan(100)
      for (const { acquisitions } of run.reports) expect(acquisitions).toBeGreaterThan(0)
      // The pauses were real, and the locks gone by their end.
      const pauses = run.reports.flatMap((report) => report.pauses).filter((ms) => ms > TTL * 1_000)
      expect(pauses.length).toBeGreaterThan(0)
      expect(run.reports.filter(({ locksLost }) => locksLost > 0).length).toBeGreaterThan(0)
    }, 90_000)
  },
  { standalone: 'its processes are told a URL' },
)
