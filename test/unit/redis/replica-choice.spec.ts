import { describe, expect, it } from '@jest/globals'
import { ReplicaChoice, REST } from '../../../lib/redis/replicas/replica-choice.js'

const [A, B] = [{ name: 'a' }, { name: 'b' }]

/** By a clock that is set, and draws that are given. */
const choiceAt = (time: { now: number }, draws: readonly number[] = [0]): ReplicaChoice => {
  let drawn = 0
  return new ReplicaChoice({ clock: () => time.now, random: () => draws[drawn++ % draws.length]! })
}

describe('the choice of a replica', () => {
  it('is any of those there are', () => {
    const choice = choiceAt({ now: 0 }, [0, 0.49, 0.5, 0.99])
    expect([1, 2, 3, 4].map(() => choice.choose([A, B]))).toEqual([A, A, B, B])
    expect(choice.choose([])).toBeUndefined()
  })

  it('is as often the one as the other', () => {
    const choice = new ReplicaChoice()
    const chosen = Array.from({ length: 1_000 }, () => choice.choose([A, B]))
    const ofA = chosen.filter((one) => one === A).length
    expect(ofA).toBeGreaterThan(350)
    expect(ofA).toBeLessThan(650)
  })

  it('leaves one alone that failed, for a moment', () => {
    const time = { now: 100 }
    const choice = choiceAt(time)
    choice.failed('a')
    expect(choice.choose([A, B])).toBe(B)
    expect(choice.choose([A])).toBeUndefined()
    time.now += REST - 1
    expect(choice.choose([A])).toBeUndefined()
    time.now += 1
    expect(choice.choose([A])).toBe(A)
  })

  it('has one read try it then, until that was answered', () => {
    const time = { now: 0 }
    const choice = choiceAt(time)
    choice.failed('a')
    time.now = REST
    expect(choice.choose([A])).toBe(A)
    expect(choice.choose([A])).toBeUndefined()
    choice.answered('a')
    expect(choice.choose([A])).toBe(A)
    expect(choice.choose([A])).toBe(A)
  })
})
