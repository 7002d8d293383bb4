import { describe, expect, it } from '@jest/globals'
import { nearestName } from '../../../lib/options/nearest-name.js'
import { optionProblems } from '../../../lib/options/option-problems.js'

const connection = { url: 'redis://127.0.0.1:6379' }
const encryption = { current: 'a', keys: () => undefined }
class Point {
  x = 1
}
const problemsOf = (options: object) => optionProblems({ connection, ...options })

describe('names of options', () => {
  it.each([
    ['sesion', { sesion: {} }, 'did you mean session?'],
    ['nameSpace', { nameSpace: 'a' }, 'did you mean namespace?'],
    ['conectOnBoot', { conectOnBoot: 'required' }, 'did you mean connectOnBoot?'],
    ['ttl', { ttl: '7d' }, 'did you mean session.ttl?'],
    ['maxMessages', { maxMessages: 3 }, 'did you mean session.maxMessages?'],
    ['deadline', { deadline: '2s' }, 'did you mean resilience.deadline?'],
    ['url', { url: 'redis://:secret@host' }, 'did you mean connection.url?'],
    ['sentinel', { sentinel: {} }, 'did you mean connection.sentinel?'],
    ['session.tll', { session: { tll: '7d' } }, 'did you mean session.ttl?'],
    ['session.maxmessages', { session: { maxmessages: 3 } }, 'did you mean session.maxMessages?'],
    ['session.namespace', { session: { namespace: 'a' } }, 'did you mean namespace?'],
    ['session.colour', { session: { colour: 'red' } }, 'the options here are ttl, sliding, maxAge'],
    ['encryption', { encryption: {} }, 'did you mean serialization.encryption?'],
    ['minBytes', { minBytes: '8kb' }, 'did you mean serialization.compression.minBytes?'],
    ['serialization.type', { serialization: { type: [] } }, 'did you mean serialization.types?'],
    ['serialization.encryption.key', { serialization: { encryption: { ...encryption, key: 'a' } } }, 'did you mean'],
    [
      'serialization.compression.level',
      { serialization: { compression: { level: 9 } } },
      'the options here are minBytes',
    ],
    [
      'serialization.types[0].serialise',
      { serialization: { types: [{ type: Point, serialise: String }] } },
      'serialize?',
    ],
    ['summary.tl', { summary: { tl: '1d' } }, 'did you mean summary.ttl?'],
    ['resilience.timeout', { resilience: { timeout: '1s' } }, 'the options here are deadline'],
    ['resilience.retri', { resilience: { retri: 3 } }, 'did you mean resilience.retry?'],
    ['onOutage', { onOutage: 'throw' }, 'did you mean resilience.onOutage?'],
    ['attempts', { attempts: 3 }, 'did you mean resilience.retry.attempts?'],
    ['directory', { directory: '/var/lib/agent' }, 'did you mean resilience.journal.directory?'],
    ['resilience.attempts', { resilience: { attempts: 3 } }, 'did you mean resilience.retry.attempts?'],
    ['resilience.retry.atempts', { resilience: { retry: { atempts: 3 } } }, 'did you mean resilience.retry.attempts?'],
    ['resilience.retry.retries', { resilience: { retry: { retries: 3 } } }, 'the options here are attempts, minDelay'],
    ['resilience.breaker.failure', { resilience: { breaker: { failure: 3 } } }, 'mean resilience.breaker.failures?'],
    ['resilience.inFlight.byte', { resilience: { inFlight: { byte: 3 } } }, 'did you mean resilience.inFlight.bytes?'],
    [
      'resilience.journal.dir',
      { resilience: { onOutage: 'journal', journal: { directory: 'a', dir: 'b' } } },
      'the options here are directory, maxBytes, maxAge',
    ],
    ['toString', { toString: 1 }, 'the options here are connection'],
    ['constructor', { constructor: 1 }, 'the options here are connection'],
  ])('%s is unknown', (path, options, hint) => {
    expect(problemsOf(options)).toEqual([{ path, given: expect.any(String), allowed: expect.stringContaining(hint) }])
  })

  it('knows no __proto__ that came out of JSON', () => {
    const options: object = JSON.parse('{"__proto__": {"namespace": "a"}, "connection": {"url": "redis://a"}}')
    expect(optionProblems(options)).toEqual([expect.objectContaining({ path: '__proto__' })])
  })

  it('repeats no value of an unknown option, and no name that is none', () => {
    const text = JSON.stringify(problemsOf({ pasword: 'hunter2', 'my\u0007 secret': 'hunter2' }))
    expect(text).not.toMatch(/hunter2|my|\\u0007/)
    expect(text).toContain('(a name of 10 characters)')
  })

  it.each([
    ['user', { user: { ttl: '1y' } }],
    ['app', { app: { ttl: '1y' } }],
    ['summarizer', { summarizer: {} }],
    ['embedder', { embedder: 'token' }],
    ['factExtractor', { factExtractor: null }],
  ])('%s is not yet available', (path, options) => {
    expect(problemsOf(options)).toEqual([
      { path, given: expect.any(String), allowed: `nothing yet: ${path} is not yet available in this version` },
    ])
  })
})

describe('nearestName', () => {
  it.each([
    ['sesion', 'session'],
    ['SESSION', 'session'],
    ['ttk', 'ttl'],
    ['maxAges', 'maxAge'],
    ['maxAeg', 'maxAge'],
  ])('finds what %s stands for', (given, name) => {
    expect(nearestName(given, ['maxAge', 'session', 'ttl'])).toBe(name)
  })

  it.each([[''], ['tag'], ['sliding'], ['s'.repeat(1_000_000)]])('finds nothing near %.20s', (given) => {
    expect(nearestName(given, ['maxAge', 'session', 'ttl'])).toBeUndefined()
  })
})
