import { beforeEach, describe, expect, it } from '@jest/globals'
import { NearCache } from '../../../lib/session/near-cache/near-cache.js'
import type { FoundRecords, WindowRequest } from '../../../lib/session/window-request.interface.js'

const KEY = 'am:{memory:~:s:one}'
const NEWEST: WindowRequest = { messages: { from: 'newest' } }
const STATE: WindowRequest = { state: 'all' }
const record = (text: string): string => `1u7 1000 abc ["${text}"]`
const found = (parts: Partial<FoundRecords> = {}): FoundRecords & { readonly life: string } => ({
  version: '1-a',
  life: '500 9000 0',
  kept: 1,
  now: 1_000,
  summary: null,
  state: [],
  messages: [[1, record('secret')]],
  ...parts,
})

describe('NearCache, of writes that wait and of other sessions under an id', () => {
  let cache: NearCache
  beforeEach(() => {
    cache = new NearCache({ maxBytes: 100_000, clock: () => 5 })
  })
  const seqs = (userId?: string): number[] | undefined =>
    cache.answer(KEY, userId, NEWEST)?.found.messages.map(([seq]) => seq)
  const wait = (userId: string | undefined, isUnseen: boolean, lastSeq?: number): void =>
    cache.addWaitingMessages(KEY, userId, isUnseen, lastSeq, () => [record('waits')])

  it('shows a write of who may see the session behind what is there, and lets nobody in by writing', () => {
    cache.sawRead(KEY, 'ada', { ...NEWEST, ...STATE }, found())
    wait('ada', false, 1)
    wait('bob', false, 1)
    cache.addWaitingState(KEY, 'bob', false, [['a', '1 0-0 0 0 - 1']], [])
    expect(seqs('ada')).toEqual([2, 1])
    expect(seqs('bob')).toBeUndefined()
    expect(cache.answer(KEY, 'ada', STATE)?.found.state).toEqual([])
  })

  it('does not let in who writes to a session of which it does not know whose it is', () => {
    cache.sawRead(KEY, undefined, NEWEST, found())
    wait('bob', false)
    expect(seqs('bob')).toBeUndefined()
    expect(seqs()).toEqual([2, 1])
  })

  it('takes a session that was never seen for what is written to it, and one that was seen for unknown', () => {
    wait('ada', true)
    wait('ada', true)
    wait('bob', true)
    expect(seqs('ada')).toEqual([2, 1])
    expect(seqs('bob')).toBeUndefined()
    cache.forget(KEY)
    wait('ada', false)
    cache.addWaitingState(KEY, 'ada', false, [['a', '1 0-0 0 0 - 1']], [])
    expect(seqs()).toBeUndefined()
    expect(cache.answer(KEY, undefined, STATE)).toBeUndefined()
  })

  it.each([
    [
      'read',
      () =>
        cache.sawRead(
          KEY,
          'bob',
          NEWEST,
          found({ version: '2-b', now: 2_000, messages: [[1, record('hi')]], ...NEXT }),
        ),
    ],
    [
      'write',
      () => cache.sawAppend(KEY, 'bob', { version: '2-b', first: 2, records: [record('hi')], now: 2_000, ...NEXT }),
    ],
  ])('knows nothing of an earlier session of the id after a %s of another one', (_, see) => {
    cache.sawRead(
      KEY,
      'ada',
      { ...NEWEST, ...STATE, summary: true },
      found({ state: ['pin', 'record'], summary: 'text' }),
    )
    see()
    expect(cache.answer(KEY, 'bob', STATE)).toBeUndefined()
    expect(cache.answer(KEY, 'bob', { summary: true })).toBeUndefined()
    expect(
      cache.answer(KEY, 'bob', { messages: { from: 'newest', most: 1 } })?.found.messages ?? [],
    ).not.toContainEqual([1, record('secret')])
    expect(cache.answer(KEY, 'ada', {})).toBeUndefined()
  })

  it('counts what a session takes of which hardly anything is known', () => {
    for (let number = 0; number < 50; number++)
      cache.sawState(`${KEY}${number}`, { version: '1-a', written: [], removed: [] })
    expect(cache.bytes).toBeGreaterThan(50_000)
  })
})

const NEXT = { life: '700 9000 0' }
