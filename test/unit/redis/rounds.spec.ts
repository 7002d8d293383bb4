import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { Rounds, type Place, type Round } from '../../../lib/redis/replication/rounds.js'

const RUN = { present: 'r1', asked: 'r1' }
const everywhere = (): boolean => true

/** Writes with what they were told, by name. */
class Writes {
  readonly rounds: Rounds
  readonly told: Record<string, number> = {}
  readonly places: Record<string, Place> = {}

  constructor(wanted = 1) {
    this.rounds = new Rounds(wanted)
  }

  join(name: string, { key = name, runId = 'r1' } = {}): void {
    this.places[name] = this.rounds.join({ key, runId }, (replicas) => {
      if (name in this.told) throw new Error(`${name} was told twice`)
      this.told[name] = replicas
    })
  }

  leave(name: string): void {
    this.rounds.leave(this.places[name]!)
  }

  begin(): Round {
    const round = this.rounds.begin(RUN)
    if (typeof round !== 'object') throw new Error('no round began')
    return round
  }
}

describe('rounds of asking for replicas', () => {
  it('ask once for all that wait, and once for each session', () => {
    const writes = new Writes()
    for (const name of ['a1', 'a2', 'b1']) writes.join(name, { key: name.charAt(0) })
    const round = writes.begin()
    expect(round.keys).toEqual(['a', 'b'])
    writes.rounds.end(round, 1, everywhere)
    expect(writes.told).toEqual({ a1: 1, a2: 1, b1: 1 })
    expect(writes.rounds.isEmpty).toBe(true)
  })

  it('do not speak for who came after they began', () => {
    const writes = new Writes()
    writes.join('before')
    const round = writes.begin()
    writes.join('after')
    expect(writes.rounds.begin(RUN)).toBeUndefined()
    writes.rounds.end(round, 1, everywhere)
    expect(writes.told).toEqual({ before: 1 })
    writes.rounds.end(writes.begin(), 1, everywhere)
    expect(writes.told).toEqual({ before: 1, after: 1 })
  })

  it('go on for who has too few replicas, and tell the most there were', () => {
    const writes = new Writes(3)
    writes.join('a')
    writes.rounds.end(writes.begin(), 2, everywhere)
    writes.rounds.end(writes.begin(), 1, everywhere)
    writes.begin()
    writes.rounds.fail()
    expect(writes.told).toEqual({})
    writes.leave('a')
    expect(writes.told).toEqual({ a: 2 })
  })

  it('tell nobody who has left', () => {
    const writes = new Writes()
    writes.join('a')
    const round = writes.begin()
    writes.leave('a')
    writes.rounds.end(round, 1, everywhere)
    writes.leave('a')
    expect(writes.told).toEqual({ a: 0 })
  })

  it('do not speak for a session that the server does not have', () => {
    const writes = new Writes()
    writes.join('here')
    writes.join('moved')
    writes.rounds.end(writes.begin(), 1, (key) => key === 'here')
    expect(writes.told).toEqual({ here: 1, moved: 0 })
  })

  it('do not speak for what another run of the server stored', () => {
    const writes = new Writes()
    writes.join('former', { runId: 'r0' })
    writes.join('present')
    writes.rounds.end(writes.begin(), 1, everywhere)
    expect(writes.told).toEqual({ former: 0, present: 1 })
  })

  it('do not begin while the wrong server would be asked, nor while none is known', () => {
    const writes = new Writes()
    writes.join('a')
    expect(writes.rounds.begin({ present: 'r1', asked: 'r0' })).toBe('elsewhere')
    expect(writes.told).toEqual({})
    expect(writes.rounds.begin({ present: undefined, asked: 'r0' })).toBeUndefined()
    expect(writes.told).toEqual({ a: 0 })
  })

  it('begin for nobody not at all', () => {
    expect(new Writes().rounds.begin({ present: 'r1', asked: 'r0' })).toBeUndefined()
  })

  it('never tell more than a round that began behind the write was answered, whatever happens in which order', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('join' as const) }),
      fc.record({ do: fc.constant('begin' as const) }),
      fc.record({ do: fc.constant('end' as const), replicas: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ do: fc.constant('fail' as const) }),
      fc.record({ do: fc.constant('leave' as const), at: fc.nat(20) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), (steps, wanted) => {
        const writes = new Writes(wanted)
        const acknowledged: Record<string, number> = {}
        let round: Round | undefined
        let covered: string[] = []
        for (const [index, each] of steps.entries()) {
          const names = Object.keys(writes.places)
          if (each.do === 'join') {
            writes.join(`w${index}`)
            acknowledged[`w${index}`] = 0
          } else if (each.do === 'begin') {
            const begun = writes.rounds.begin(RUN)
            if (typeof begun === 'object') {
              round = begun
              covered = names.filter((name) => !(name in writes.told))
            }
          } else if (each.do === 'end' && round !== undefined) {
            for (const name of covered) {
              if (!(name in writes.told)) acknowledged[name] = Math.max(acknowledged[name]!, each.replicas)
            }
            writes.rounds.end(round, each.replicas, everywhere)
            round = undefined
          } else if (each.do === 'fail' && round !== undefined) {
            writes.rounds.fail()
            round = undefined
          } else if (each.do === 'leave' && names.length > 0) {
            writes.leave(names[each.at % names.length]!)
          }
        }
        writes.rounds.leaveAll()
        expect(writes.told).toEqual(acknowledged)
      }),
    )
  })
})
