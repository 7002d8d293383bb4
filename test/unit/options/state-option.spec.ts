import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { optionProblems } from '../../../lib/options/option-problems.js'
import { resolveMemoryOptions } from '../../../lib/options/resolve-memory-options.js'

const connection = { url: 'redis://127.0.0.1:6379' }
const problemsOf = (state: unknown) => optionProblems({ connection, state })

class BookingState {
  guests = 2
}
const validate = () => ({ value: {} })
const callable = Object.assign(() => true, { '~standard': { version: 1, vendor: 'test', validate } })

describe('state', () => {
  it.each([
    ['a class', BookingState],
    ['a Standard Schema', z.object({ guests: z.number() })],
    ['a Standard Schema that is a function', callable],
    ['nothing', undefined],
  ])('takes %s', (_name, state) => {
    expect(problemsOf(state)).toEqual([])
  })

  it('is handed on as it is', () => {
    const state = z.object({ guests: z.number() })
    expect(resolveMemoryOptions({ connection, state }).state).toBe(state)
  })

  it.each([
    ['null', null, 'null'],
    ['an instance', new BookingState(), 'an instance of BookingState'],
    ['a plain object', { guests: Number }, 'a plain object'],
    ['an arrow function', () => true, 'a function'],
    ['a built-in class', Map, 'the built-in Map'],
    ['another version', { '~standard': { version: 2, validate } }, 'a Standard Schema of another version'],
    ['no validate', { '~standard': { version: 1 } }, "a schema without a function '~standard'.validate"],
    ['no standard', { '~standard': null }, "a schema whose '~standard' is null"],
  ])('refuses %s', (_name, state, given) => {
    expect(problemsOf(state)).toEqual([{ path: 'state', given, allowed: expect.stringContaining('Standard Schema') }])
  })
})
