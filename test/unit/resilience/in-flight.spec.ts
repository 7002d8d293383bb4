import { describe, expect, it } from '@jest/globals'
import { InFlight } from '../../../lib/resilience/in-flight.js'

const OVERLOADED = expect.objectContaining({ code: 'OVERLOADED', executed: 'no', retryable: true })

describe('what is under way', () => {
  it('is no more than so many calls', () => {
    const shed: unknown[] = []
    const inFlight = new InFlight({ operations: 2, bytes: 100 }, (sessionId) => shed.push(sessionId))
    inFlight.enter(0, {})
    inFlight.enter(0, {})
    expect(() => inFlight.enter(0, { sessionId: 's' })).toThrow(OVERLOADED)
    expect(inFlight.count).toBe(2)
    expect(shed).toEqual(['s'])
    inFlight.leave(0)
    inFlight.enter(0, {})
    expect(inFlight.count).toBe(2)
  })

  it('is no more than so many bytes, but for a call that is larger by itself', () => {
    const inFlight = new InFlight({ operations: 10, bytes: 100 }, () => undefined)
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

  it('is no more than so many bytes with what reads hold, but for a read that is larger by itself', () => {
    const shed: unknown[] = []
    const inFlight = new InFlight({ operations: 10, bytes: 100 }, (sessionId) => shed.push(sessionId))
    const [one, other] = [inFlight.reading({}), inFlight.reading({ sessionId: 's' })]
    one.hold(60)
    other.hold(40)
    expect(() => other.hold(1)).toThrow(OVERLOADED)
    expect(shed).toEqual(['s'])
    other.hold(-10)
    other.hold(10)
    other.letGo()
    one.hold(1_000)
    expect(() => other.hold(1)).toThrow(OVERLOADED)
    one.release()
    other.hold(1)
    other.release()
    inFlight.enter(60, {})
    const third = inFlight.reading({})
    expect(() => third.hold(41)).toThrow(OVERLOADED)
    third.hold(40)
    third.release()
    inFlight.leave(60)
  })

  it('has room for a write, whatever reads hold', () => {
    const inFlight = new InFlight({ operations: 10, bytes: 100 }, () => undefined)
    const read = inFlight.reading({})
    read.hold(100)
    inFlight.enter(60, {})
    inFlight.enter(40, {})
    expect(() => inFlight.enter(1, {})).toThrow(OVERLOADED)
    expect(inFlight.count).toBe(2)
  })

  it('can be waited for, with the reads that go on between their calls', async () => {
    const inFlight = new InFlight({ operations: 10, bytes: 100 }, () => undefined)
    const read = inFlight.reading({})
    inFlight.enter(0, {})
    let settled = false
    const all = inFlight.settled().then(() => (settled = true))
    inFlight.leave(0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(settled).toBe(false)
    read.release()
    await all
  })

  it('can be waited for', async () => {
    const inFlight = new InFlight({ operations: 10, bytes: 100 }, () => undefined)
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
