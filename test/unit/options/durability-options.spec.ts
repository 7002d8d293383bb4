import { describe, expect, it } from '@jest/globals'
import { MemoryConfigError } from '../../../lib/errors/memory-config.error.js'
import { resolveMemoryOptions } from '../../../lib/options/resolve-memory-options.js'
import type { ResolvedMemoryOptions } from '../../../lib/options/resolved-options.interface.js'

const connection = { url: 'redis://127.0.0.1:6379' }
const resolve = (durability: unknown, resilience?: object): ResolvedMemoryOptions['durability'] =>
  (Reflect.apply(resolveMemoryOptions, undefined, [{ connection, durability, resilience }]) as ResolvedMemoryOptions)
    .durability

const problemsOf = (durability: unknown): unknown => {
  try {
    return resolve(durability)
  } catch (error) {
    if (error instanceof MemoryConfigError) return error.problems
    throw error
  }
}

describe('durability', () => {
  it.each<[string, object | undefined, object | undefined]>([
    ['waits for nobody unless it is given', undefined, undefined],
    ['waits for one replica by default', {}, { replicas: 1, timeout: 100 }],
    ['takes how many, and how long', { replicas: 2, timeout: '1s' }, { replicas: 2, timeout: 1_000 }],
    ['takes milliseconds', { timeout: 30 }, { replicas: 1, timeout: 30 }],
    ['takes undefined for the default', { replicas: undefined, timeout: undefined }, { replicas: 1, timeout: 100 }],
    ['holds nobody up longer than the deadline', { timeout: '1m' }, { replicas: 1, timeout: 2_000 }],
  ])('%s', (_, durability, resolved) => {
    expect(resolve(durability)).toEqual(resolved)
  })

  it('knows a deadline of its own', () => {
    expect(resolve({}, { deadline: 50 })).toEqual({ replicas: 1, timeout: 50 })
  })

  it.each<[unknown, string, string, string]>([
    [true, 'durability', 'the boolean true', 'an object of replicas, timeout'],
    [null, 'durability', 'null', 'an object of replicas, timeout'],
    [{ replicas: 0 }, 'durability.replicas', 'the number 0', 'a whole number above 0'],
    [{ replicas: 1.5 }, 'durability.replicas', 'the number 1.5', 'a whole number above 0'],
    [{ replicas: '1' }, 'durability.replicas', "'1'", 'a whole number above 0'],
    [{ timeout: 0 }, 'durability.timeout', 'the number 0', "a duration as '2s', or a whole number of milliseconds"],
    [{ timeout: '100' }, 'durability.timeout', "'100'", "write '100s' if seconds are meant"],
    [{ replica: 1 }, 'durability.replica', 'the number 1', 'did you mean durability.replicas?'],
  ])('refuses %j', (durability, path, given, allowed) => {
    expect(problemsOf(durability)).toEqual([{ path, given, allowed: expect.stringContaining(allowed) }])
  })

  it('knows where the replicas belong', () => {
    expect(() => resolveMemoryOptions({ connection, replicas: 1 } as never)).toThrow(
      /did you mean durability\.replicas\?/,
    )
  })
})
