import { describe, expect, it } from '@jest/globals'
import { MemoryConfigError } from '../../../lib/errors/memory-config.error.js'
import { resolveMemoryOptions } from '../../../lib/options/resolve-memory-options.js'
import type { ResolvedResilience } from '../../../lib/options/resolved-options.interface.js'

const connection = { url: 'redis://127.0.0.1:6379' }
const resolve = (resilience: unknown): ResolvedResilience =>
  (Reflect.apply(resolveMemoryOptions, undefined, [{ connection, resilience }]) as { resilience: ResolvedResilience })
    .resilience

const problemsOf = (resilience: unknown): unknown => {
  try {
    return resolve(resilience)
  } catch (error) {
    if (error instanceof MemoryConfigError) return error.problems
    throw error
  }
}

const text = (value: string) => expect.stringContaining(value)

describe('resilience that is taken', () => {
  it.each<[string, object, object]>([
    ['no retries', { retry: { attempts: 0 } }, { retry: { attempts: 0, minDelay: 25, maxDelay: 500, budget: 0.2 } }],
    [
      'a smallest delay above the default of the largest',
      { retry: { minDelay: '1s' } },
      { retry: { attempts: 4, minDelay: 1_000, maxDelay: 1_000, budget: 0.2 } },
    ],
    [
      'a largest delay below the default of the smallest',
      { retry: { maxDelay: 10 } },
      { retry: { attempts: 4, minDelay: 10, maxDelay: 10, budget: 0.2 } },
    ],
    [
      'one delay for all',
      { retry: { minDelay: 50, maxDelay: '50ms' } },
      { retry: { attempts: 4, minDelay: 50, maxDelay: 50, budget: 0.2 } },
    ],
    ['no breaker', { breaker: false }, { breaker: undefined }],
    ['a breaker with half of its options', { breaker: { failures: 1 } }, { breaker: { failures: 1, openFor: 500 } }],
    ['a cap on calls', { inFlight: { operations: 1 } }, { inFlight: { operations: 1, bytes: 67_108_864 } }],
    ['no healing', { healing: false }, { healing: undefined }],
    [
      'half of the options of healing',
      { healing: { maxAge: '5s' } },
      { healing: { maxBytes: 33_554_432, maxAge: 5_000 } },
    ],
    ['stale reads', { onOutage: 'stale' }, { onOutage: 'stale', journal: undefined }],
    [
      'a journal in a relative directory',
      { onOutage: 'journal', journal: { directory: '.' } },
      { onOutage: 'journal', journal: { directory: '.', maxBytes: 268_435_456, maxAge: 86_400_000 } },
    ],
  ])('%s', (_, resilience, resolved) => {
    expect(resolve(resilience)).toMatchObject(resolved)
  })
})

describe('resilience that is refused', () => {
  const directory = '/srv/agent'
  it.each<[string, unknown, string, unknown, unknown]>([
    [
      '',
      'fast',
      '',
      "'fast'",
      text('an object of deadline, retry, breaker, inFlight, onOutage, journal, healing, onLoss'),
    ],
    ['null', null, '', 'null', text('an object of')],
    ['a deadline of 0', { deadline: 0 }, '.deadline', 'the number 0', text("a duration as '2s'")],
    [
      'retries as a number',
      { retry: 3 },
      '.retry',
      'the number 3',
      'an object of attempts, minDelay, maxDelay, budget',
    ],
    ['retries as a word', { retry: false }, '.retry', 'the boolean false', text('an object of attempts')],
    ['21 attempts', { retry: { attempts: 21 } }, '.retry.attempts', 'the number 21', text('from 0')],
    ['-1 attempts', { retry: { attempts: -1 } }, '.retry.attempts', 'the number -1', text('from 0')],
    ['half an attempt', { retry: { attempts: 0.5 } }, '.retry.attempts', 'the number 0.5', text('to 20')],
    ['attempts in a string', { retry: { attempts: '4' } }, '.retry.attempts', "'4'", text('a whole number')],
    ['attempts without end', { retry: { attempts: Infinity } }, '.retry.attempts', 'Infinity', text('to 20')],
    ['no budget', { retry: { budget: 0 } }, '.retry.budget', 'the number 0', text('for none, attempts: 0')],
    ['a budget above 1', { retry: { budget: 1.1 } }, '.retry.budget', 'the number 1.1', text('at most 1')],
    ['a budget of NaN', { retry: { budget: Number.NaN } }, '.retry.budget', 'NaN', text('above 0')],
    ['a budget in a string', { retry: { budget: '0.2' } }, '.retry.budget', "'0.2'", text('a number above 0')],
    ['a delay of 0', { retry: { minDelay: 0 } }, '.retry.minDelay', 'the number 0', text('above 0')],
    ['a delay without a unit', { retry: { maxDelay: '500' } }, '.retry.maxDelay', "'500'", text("write '500s'")],
    [
      'delays that contradict each other',
      { retry: { minDelay: '1s', maxDelay: 500 } },
      '.retry.minDelay',
      "'1s'",
      'at most resilience.retry.maxDelay, which is the number 500',
    ],
    [
      'a breaker that is true',
      { breaker: true },
      '.breaker',
      'the boolean true',
      'false or an object of failures, openFor',
    ],
    ['a breaker that is null', { breaker: null }, '.breaker', 'null', text('false or an object')],
    [
      'a breaker that is open at once',
      { breaker: { failures: 0 } },
      '.breaker.failures',
      'the number 0',
      text('above 0'),
    ],
    ['a breaker of no time', { breaker: { openFor: '0s' } }, '.breaker.openFor', "'0s'", text('above 0')],
    ['a cap as a number', { inFlight: 100 }, '.inFlight', 'the number 100', 'an object of operations, bytes'],
    ['room for no call', { inFlight: { operations: 0 } }, '.inFlight.operations', 'the number 0', text('above 0')],
    ['room for no byte', { inFlight: { bytes: '64' } }, '.inFlight.bytes', "'64'", text("write 64 or '64b'")],
    ['healing as a word', { healing: true }, '.healing', 'the boolean true', 'false or an object of maxBytes, maxAge'],
    ['healing of no byte', { healing: { maxBytes: 0 } }, '.healing.maxBytes', 'the number 0', text('above 0')],
    ['a policy of another name', { onOutage: 'cache' }, '.onOutage', "'cache'", "'throw' or 'stale' or 'journal'"],
    ['no policy', { onOutage: null }, '.onOutage', 'null', "'throw' or 'stale' or 'journal'"],
    ['a loss that is ignored', { onLoss: 'ignore' }, '.onLoss', "'ignore'", "'throw' or 'report'"],
    [
      'a journal that is nowhere',
      { onOutage: 'journal' },
      '.journal',
      'nothing',
      "an object of directory, maxBytes, maxAge, as resilience.onOutage is 'journal'",
    ],
    [
      'a journal that is null',
      { onOutage: 'journal', journal: null },
      '.journal',
      'null',
      text('an object of directory'),
    ],
    ['a journal as a path', { onOutage: 'journal', journal: 'here' }, '.journal', "'here'", text('an object of')],
    [
      'a journal nothing is written to',
      { journal: { directory } },
      '.journal',
      'a plain object',
      text("nothing unless resilience.onOutage is 'journal'"),
    ],
    [
      'a journal beside stale reads',
      { onOutage: 'stale', journal: {} },
      '.journal',
      'a plain object',
      text('nothing unless'),
    ],
    [
      'a directory that is not set',
      { onOutage: 'journal', journal: { directory: undefined } },
      '.journal.directory',
      'undefined',
      text('environment variable'),
    ],
    [
      'an empty directory',
      { onOutage: 'journal', journal: { directory: '' } },
      '.journal.directory',
      'an empty string',
      text('the path of a directory'),
    ],
    [
      'a directory with a zero',
      { onOutage: 'journal', journal: { directory: 'a\0b' } },
      '.journal.directory',
      'a string of 3 characters',
      text('the path of a directory'),
    ],
    [
      'a directory that is a number',
      { onOutage: 'journal', journal: { directory: 7 } },
      '.journal.directory',
      'the number 7',
      text('the path of a directory'),
    ],
    [
      'a journal without room',
      { onOutage: 'journal', journal: { directory, maxBytes: 0 } },
      '.journal.maxBytes',
      'the number 0',
      text('above 0'),
    ],
    [
      'an age as a number',
      { onOutage: 'journal', journal: { directory, maxAge: 60 } },
      '.journal.maxAge',
      'the number 60',
      text("write '60s'"),
    ],
  ])('%s', (_, resilience, path, given, allowed) => {
    expect(problemsOf(resilience)).toEqual([{ path: `resilience${path}`, given, allowed }])
  })

  it('does not ask for a journal, nor refuse one, where the policy itself is wrong', () => {
    expect(problemsOf({ onOutage: 'jurnal', journal: { directory } })).toEqual([
      expect.objectContaining({ path: 'resilience.onOutage' }),
    ])
    expect(problemsOf({ onOutage: 'jurnal' })).toEqual([expect.objectContaining({ path: 'resilience.onOutage' })])
  })

  it('tells every problem at once', () => {
    const all = { retry: { attempts: -1, budget: 2 }, breaker: { failures: 0 }, inFlight: { bytes: 0 }, onLoss: 'x' }
    expect(problemsOf(all)).toEqual(
      ['.onLoss', '.retry.attempts', '.retry.budget', '.breaker.failures', '.inFlight.bytes'].map((path) =>
        expect.objectContaining({ path: `resilience${path}` }),
      ),
    )
  })
})
