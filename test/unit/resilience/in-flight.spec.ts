import { describe, expect, it } from '@jest/globals'
import { InFlight } from '../../../lib/resilience/in-flight.js'

const OVERLOADED = expect.objectContaining({ code: 'OVERLOADED', executed: 'no', retryable: true })

describe('what is under way', () => {
  it('is no more than so many calls', () => {
    const inFlight = new InFlight({ operations: 2, bytes: 100 })
    const leave = inFlight.enter(0, {})
    inFlight.enter(0, {})
    expect(() => inFlight.enter(0, { sessionId: 's' })).toThrow(OVERLOADED)
    expect(inFlight.count).toBe(2)
    leave()
    inFlight.enter(0, {})
    expect(inFlight.count).toBe(2)
  })

  it('is no more than so many bytes, but for a call that is larger by itself', () => {
    const inFlight = new InFlight({ operations: 10, bytes: 100 })
    const leave = inFlight.enter(60, {})
    expect(() => inFlight.enter(41, {})).toThrow(OVERLOADED)
    inFlight.enter(40, {})()
    leave()
    const leaveLarge = inFlight.enter(1_000, {})
    expect(() => inFlight.enter(1, {})).toThrow(OVERLOADED)
    leaveLarge()
    expect(inFlight.count).toBe(0)
  })
})
