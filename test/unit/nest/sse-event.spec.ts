import { describe, expect, it } from '@jest/globals'
import { sseEvent } from '../../../lib/nest/http/sse-event.js'
import { plain } from './plain.js'

describe('a server-sent event', () => {
  it('keeps all that is beside its data', () => {
    const event = { id: '1', type: 'tick', retry: 5, comment: 'note', data: { at: new Date(0) } }
    expect(sseEvent(event, plain)).toEqual({ ...event, data: { at: '1970-01-01T00:00:00.000Z' } })
  })

  it('is made of the getters of a class', () => {
    class Tick {
      get data(): unknown {
        return { big: 1n }
      }
      get comment(): string {
        return 'note'
      }
    }
    expect(sseEvent(new Tick(), plain)).toMatchObject({ data: { big: '1' }, comment: 'note' })
  })

  it('is the very same where its data is plain', () => {
    const event = { data: { a: 1 }, id: '1' }
    expect(sseEvent(event, plain)).toBe(event)
  })
})
