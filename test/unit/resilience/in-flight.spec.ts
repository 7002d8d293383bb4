import { describe, expect, it } from '@jest/globals'
import { InFlight } from '../../../lib/resilience/in-flight.js'

const OVERLOADED = expect.objectContaining({ code: 'OVERLOADED', executed: 'no', retryable: true })

describe('what is under way', () => {
  it('is no more than so many calls', () => {
    const inFlight = new InFlight({ operations: 2, bytes: 100 })
    inFlight.enter(0, {})
    inFlight.enter(0, {})
    expect(() => inFlight.enter(0, { sessionId: 's' })).toThrow(OVERLOADED)
    expect(inFlight.count).toBe(2)
    inFlight.leave(0)
    inFlight.enter(0, {})
    expect(inFlight.count).toBe(2)
  })

  it('is no more than so many bytes, but for a call that is larger by itself', () => {
    const inFlight = new InFlight({ operations: 10, bytes: 100 })
    inFlight.enter(60, {})
    expect(() => inFlight.enter(41, {})).toThrow(OVERLOADED)
    inFlight.enter(40, {})
    inFlight.leave(40)
    inFlight.leave(60)
    inFlight.enter(1_000, {})
    expect(() => inFlight.enter(1, {})).toThrow(OVERLOADED)
    inFlight.leave(1_000)
    expect(inFlight.count).toBe(0)
  })

  it('can be waited for', async () => {
    const inFlight = new InFlight({ operations: 10, bytes: 100 })
    await inFlight.settled()
    inFlight.enter(1, {})
    inFlight.enter(1, {})
    let settled = false
    const all = inFlight.settled().then(() => (settled = true))
    inFlight.leave(1)
    await Promise.resolve()
    expect(settled).toBe(false)
    inFlight.leave(1)
    await all
  })
})
