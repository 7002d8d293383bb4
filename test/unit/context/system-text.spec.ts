import { describe, expect, it } from '@jest/globals'
import { systemText } from '../../../lib/context/system-text.js'

describe('systemText', () => {
  it('is undefined when there is nothing to say', () => {
    expect(systemText({ state: {}, facts: [] })).toBeUndefined()
    expect(systemText({ summary: { text: '' }, state: { gone: undefined }, facts: [] })).toBeUndefined()
  })

  it('has only the sections there are', () => {
    expect(systemText({ summary: { text: 'They met.' }, state: {}, facts: [] })).toBe(
      'Summary of the conversation so far:\nThey met.',
    )
    expect(systemText({ state: {}, facts: ['likes tea'] })).toBe('Known about the user:\n- likes tea')
  })

  it('tells state as one JSON a line, with dates as ISO texts', () => {
    const state = {
      name: 'Ada\nLovelace',
      born: new Date('1815-12-10T00:00:00Z'),
      invalid: new Date(Number.NaN),
      'a "key"': { list: [1, undefined, { at: new Date(0), gone: undefined }] },
      none: undefined,
    }
    expect(systemText({ state, facts: [] })?.split('\n')).toEqual([
      'State of the conversation, as JSON:',
      String.raw`"name": "Ada\nLovelace"`,
      '"born": "1815-12-10T00:00:00.000Z"',
      '"invalid": null',
      String.raw`"a \"key\"": {"list":[1,null,{"at":"1970-01-01T00:00:00.000Z"}]}`,
    ])
  })

  it('has all sections in order, and facts of several lines as one item', () => {
    const text = systemText({ summary: { text: 'S' }, state: { a: 1 }, facts: ['one\ntwo', 'three'] })
    expect(text).toBe(
      'Summary of the conversation so far:\nS\n\n' +
        'Known about the user:\n- one\n  two\n- three\n\n' +
        'State of the conversation, as JSON:\n"a": 1',
    )
  })
})
