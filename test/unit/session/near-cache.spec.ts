import { beforeEach, describe, expect, it } from '@jest/globals'
import { NearCache } from '../../../lib/session/near-cache/near-cache.js'
import type { FoundRecords, WindowRequest } from '../../../lib/session/window-request.interface.js'

const KEY = 'am:{memory:~:s:one}'
const NEWEST: WindowRequest = { messages: { from: 'newest' } }
const EVERYTHING: WindowRequest = { ...NEWEST, summary: true, state: 'all' }

const newest = (most: number): WindowRequest => ({ messages: { from: 'newest', most } })
const record = (seq: number): string => `1u7 1000 abc ["message ${seq}"]`

/** Messages newest first. */
const records = (from: number, to: number): [seq: number, record: string][] => {
  const found: [number, string][] = []
  for (let seq = to; seq >= from; seq--) found.push([seq, record(seq)])
  return found
}

const found = (parts: Partial<FoundRecords> = {}): FoundRecords & { readonly life: string } => ({
  version: '10-a',
  life: '500 9000 0',
  kept: 8,
  now: 1_000_000,
  summary: null,
  state: [],
  messages: [],
  ...parts,
})

describe('NearCache', () => {
  let now: number
  let cache: NearCache

  beforeEach(() => {
    now = 0
    cache = new NearCache({ maxBytes: 100_000, clock: () => now })
  })

  const seqsOf = (request: WindowRequest): number[] | undefined =>
    cache.answer(KEY, undefined, request)?.found.messages.map(([seq]) => seq)

  it('knows nothing of a session it has not seen', () => {
    expect(cache.answer(KEY, undefined, NEWEST)).toBeUndefined()
    expect(cache.answer(KEY, undefined, {})).toBeUndefined()
  })

  it('answers what it saw, with its age and the time on the server', () => {
    const seen = found({ summary: 'summary', state: ['a', 'record of a'], messages: records(1, 8) })
    cache.sawRead(KEY, undefined, EVERYTHING, seen)
    now = 250
    expect(cache.answer(KEY, undefined, EVERYTHING)).toEqual({ found: { ...seen, now: 1_000_250 }, ageMs: 250 })
    expect(cache.answer(KEY, undefined, { summary: true })?.found).toMatchObject({ summary: 'summary', messages: [] })
    expect(cache.answer(KEY, undefined, { state: ['a', 'b'] })?.found.state).toEqual(['a', 'record of a'])
  })

  it('answers no part that it did not see', () => {
    cache.sawRead(KEY, undefined, newest(3), found({ messages: records(6, 8) }))
    expect(seqsOf(newest(3))).toEqual([8, 7, 6])
    expect(seqsOf(newest(4))).toBeUndefined()
    expect(seqsOf(NEWEST)).toBeUndefined()
    expect(seqsOf({ messages: { from: 'newest', after: 5 } })).toEqual([8, 7, 6])
    expect(seqsOf({ messages: { from: 'oldest', after: 5, most: 2 } })).toEqual([6, 7])
    expect(seqsOf({ messages: { from: 'oldest', after: 4, most: 2 } })).toBeUndefined()
    expect(cache.answer(KEY, undefined, { state: 'all' })).toBeUndefined()
    expect(cache.answer(KEY, undefined, { state: ['a'] })).toBeUndefined()
    expect(cache.answer(KEY, undefined, { summary: true })).toBeUndefined()
  })

  it('reaches the first message when all that are kept were shown, or no limit ended the window', () => {
    cache.sawRead(KEY, undefined, newest(3), found({ kept: 3, messages: records(6, 8) }))
    expect(seqsOf(NEWEST)).toEqual([8, 7, 6])
    // The count is wrong when a record was removed by hand.
    cache.sawRead(KEY, undefined, newest(4), found({ version: '11-b', kept: 9, messages: records(6, 8) }))
    expect(seqsOf(NEWEST)).toEqual([8, 7, 6])
    cache.sawRead(
      KEY,
      undefined,
      { messages: { from: 'newest', tokens: 100 } },
      found({ version: '12-c', messages: records(6, 8) }),
    )
    expect(seqsOf(NEWEST)).toBeUndefined()
  })

  it('puts windows of one version together, and ignores one that does not touch', () => {
    cache.sawRead(KEY, undefined, newest(2), found({ messages: records(7, 8) }))
    cache.sawRead(
      KEY,
      undefined,
      { messages: { from: 'newest', most: 2, before: 6 } },
      found({ messages: records(4, 5) }),
    )
    expect(seqsOf(newest(3))).toBeUndefined()
    cache.sawRead(
      KEY,
      undefined,
      { messages: { from: 'newest', most: 3, before: 7 } },
      found({ messages: records(4, 6) }),
    )
    expect(seqsOf(newest(5))).toEqual([8, 7, 6, 5, 4])
    cache.sawRead(KEY, undefined, newest(1), found({ messages: records(8, 8) }))
    expect(seqsOf(newest(5))).toEqual([8, 7, 6, 5, 4])
    cache.sawRead(
      KEY,
      undefined,
      { messages: { from: 'oldest', most: 9 } },
      found({ messages: records(1, 8).toReversed() }),
    )
    expect(seqsOf(NEWEST)).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
  })

  it('begins anew where another version was seen', () => {
    cache.sawRead(KEY, undefined, newest(5), found({ messages: records(4, 8) }))
    cache.sawRead(KEY, undefined, newest(2), found({ version: '12-c', messages: records(8, 9) }))
    expect(seqsOf(newest(2))).toEqual([9, 8])
    expect(seqsOf(newest(3))).toBeUndefined()
  })

  describe('after writes of this process', () => {
    it('knows all of a session from its first append on', () => {
      cache.sawAppend(KEY, undefined, { version: '1-a', first: 1, records: [record(1), record(2)], now: 5_000 })
      cache.sawAppend(KEY, undefined, { version: '2-b', first: 3, records: [record(3)], now: 5_001, life: 'life' })
      cache.sawState(KEY, { version: '3-c', written: [['a', 'record of a']], removed: [] })
      now = 10
      expect(cache.answer(KEY, undefined, EVERYTHING)).toEqual({
        found: {
          version: '3-c',
          life: 'life',
          kept: 3,
          now: 5_011,
          summary: null,
          state: ['a', 'record of a'],
          messages: records(1, 3),
        },
        ageMs: 10,
      })
    })

    it('extends what it knows, and drops what was trimmed', () => {
      cache.sawRead(KEY, undefined, NEWEST, found({ kept: 2, messages: records(7, 8) }))
      cache.sawAppend(KEY, undefined, { version: '11-b', first: 9, records: [record(9)], trimmed: 1 })
      expect(cache.answer(KEY, undefined, NEWEST)?.found).toMatchObject({ version: '11-b', kept: 2 })
      expect(seqsOf(NEWEST)).toEqual([9, 8])
    })

    it('begins anew where an append does not follow', () => {
      cache.sawRead(KEY, undefined, NEWEST, found({ messages: records(1, 8) }))
      cache.sawAppend(KEY, undefined, { version: '12-c', first: 10, records: [record(10)] })
      expect(seqsOf(newest(1))).toEqual([10])
      expect(seqsOf(newest(2))).toBeUndefined()
    })

    it('tells the version and the age of the oldest part', () => {
      cache.sawRead(KEY, undefined, EVERYTHING, found({ kept: 1, messages: records(8, 8), state: ['a', 'old'] }))
      now = 100
      // Between the two another process wrote.
      cache.sawState(KEY, { version: '12-c', written: [['a', 'new']], removed: [] })
      now = 150
      expect(cache.answer(KEY, undefined, { state: ['a'] })).toMatchObject({ found: { version: '10-a' }, ageMs: 150 })
      cache.sawRead(KEY, undefined, { state: 'all' }, found({ version: '12-c', state: ['a', 'new'] }))
      now = 160
      expect(cache.answer(KEY, undefined, { state: 'all' })).toMatchObject({ found: { version: '12-c' }, ageMs: 10 })
      expect(cache.answer(KEY, undefined, EVERYTHING)).toMatchObject({ found: { version: '10-a' }, ageMs: 160 })
    })

    it('becomes younger with every look that finds the same version', () => {
      cache.sawRead(KEY, undefined, EVERYTHING, found({ kept: 1, messages: records(8, 8) }))
      now = 100
      cache.sawRead(KEY, undefined, { state: ['a'] }, found())
      now = 130
      expect(cache.answer(KEY, undefined, EVERYTHING)?.ageMs).toBe(30)
    })

    it('keeps its own append when an older answer arrives behind it', () => {
      cache.sawRead(KEY, undefined, NEWEST, found({ messages: records(1, 8) }))
      cache.sawAppend(KEY, undefined, { version: '11-b', first: 9, records: [record(9)], now: 1_000_020 })
      cache.sawRead(KEY, undefined, NEWEST, found({ now: 1_000_010, messages: records(1, 8) }))
      expect(seqsOf(newest(2))).toEqual([9, 8])
      // A session that was lost and begun anew has an older version at a later time.
      cache.sawRead(KEY, undefined, NEWEST, found({ version: '2-z', kept: 1, now: 1_000_030, messages: records(1, 1) }))
      expect(seqsOf(NEWEST)).toEqual([1])
    })
  })

  it('forgets fields of which the outcome is not known', () => {
    cache.sawRead(KEY, undefined, EVERYTHING, found({ kept: 1, messages: records(8, 8), state: ['a', 'A', 'b', 'B'] }))
    cache.forgetState(KEY, ['a'], { version: '11-b' })
    expect(cache.answer(KEY, undefined, { state: 'all' })).toBeUndefined()
    expect(cache.answer(KEY, undefined, { state: ['a'] })).toBeUndefined()
    expect(cache.answer(KEY, undefined, { ...NEWEST, state: ['b'] })?.found).toMatchObject({
      version: '11-b',
      state: ['b', 'B'],
      messages: records(8, 8),
    })
    cache.forgetState(KEY)
    expect(cache.answer(KEY, undefined, { state: ['b'] })).toBeUndefined()
  })

  it('knows that a removed field is gone', () => {
    cache.sawState(KEY, { version: '10-a', written: [['a', 'A']], removed: ['b'] })
    expect(cache.answer(KEY, undefined, { state: ['a', 'b'] })?.found.state).toEqual(['a', 'A'])
    expect(cache.answer(KEY, undefined, { state: ['c'] })).toBeUndefined()
  })

  it('answers a user only after Redis did, and nobody else', () => {
    cache.sawRead(KEY, undefined, NEWEST, found({ messages: records(1, 8) }))
    expect(cache.answer(KEY, 'ann', NEWEST)).toBeUndefined()
    cache.sawRead(KEY, 'ann', NEWEST, found({ messages: records(1, 8) }))
    expect(cache.answer(KEY, 'ann', NEWEST)).toBeDefined()
    expect(cache.answer(KEY, 'bob', NEWEST)).toBeUndefined()
    expect(cache.answer(KEY, '', NEWEST)).toBeUndefined()
    expect(cache.answer(KEY, undefined, NEWEST)).toBeDefined()
  })

  it('forgets a session', () => {
    cache.sawRead(KEY, undefined, EVERYTHING, found({ messages: records(1, 8) }))
    cache.forget(KEY)
    cache.forget(KEY)
    expect(cache.answer(KEY, undefined, {})).toBeUndefined()
    expect(cache.bytes).toBe(0)
  })

  it('stays within its bytes: the sessions used least recently go', () => {
    const see = (key: string): void => cache.sawRead(key, undefined, NEWEST, found({ messages: records(1, 8) }))
    see('a')
    const each = cache.bytes
    cache = new NearCache({ maxBytes: 3 * each, maxSessionBytes: each })
    for (const key of ['a', 'b', 'c']) see(key)
    expect(cache.answer('a', undefined, NEWEST)).toBeDefined()
    see('d')
    expect(cache.bytes).toBeLessThanOrEqual(3 * each)
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.answer(key, undefined, NEWEST) !== undefined)).toEqual([
      'a',
      'c',
      'd',
    ])
    cache.sawState('huge', { version: '1-a', written: [['field', 'x'.repeat(3 * each)]], removed: [] })
    expect(['a', 'c', 'd', 'huge'].filter((key) => cache.answer(key, undefined, NEWEST) !== undefined)).toEqual([
      'a',
      'c',
      'd',
    ])
    for (const key of ['a', 'c', 'd']) cache.forget(key)
    expect(cache.bytes).toBe(0)
  })

  it('holds as many messages of a session as are allowed: the oldest go', () => {
    cache = new NearCache({ maxBytes: 100_000, maxSessionBytes: 3 * (64 + 2 * record(1).length) })
    cache.sawRead(KEY, undefined, NEWEST, found({ messages: records(1, 8) }))
    expect(seqsOf(newest(3))).toEqual([8, 7, 6])
    expect(seqsOf(NEWEST)).toBeUndefined()
    cache.sawAppend(KEY, undefined, { version: '11-b', first: 9, records: [record(9)] })
    expect(seqsOf(newest(3))).toEqual([9, 8, 7])
    cache.sawAppend(KEY, undefined, { version: '12-b', first: 10, records: ['x'.repeat(1_000)] })
    expect(seqsOf(newest(1))).toBeUndefined()
    cache.sawAppend(KEY, undefined, { version: '13-b', first: 11, records: [record(11)] })
    expect(seqsOf(newest(1))).toEqual([11])
  })
})
