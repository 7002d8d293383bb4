import { describe, expect, it } from '@jest/globals'
import { readArguments, UsageError } from '../../../bench/arguments.mjs'
import { ROWS } from '../../../bench/rows.mjs'

const namesBy = (...args: string[]): string[] => readArguments(args, ROWS).rows.map(({ name }) => name)

describe('the command line of the benchmark', () => {
  it('measures all rows without arguments', () => {
    expect(readArguments([], ROWS)).toEqual({
      isQuick: false,
      isList: false,
      isByName: false,
      writesDocs: false,
      rounds: undefined,
      rows: ROWS,
    })
  })

  it('knows each row by its name alone', () => {
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length)
    for (const { name } of ROWS) expect(namesBy('--row', name)).toEqual([name])
  })

  it('takes rows by the beginning of a name, up to a slash, and by target', () => {
    const turns = namesBy('--row', 'turn')
    expect(turns).toContain('turn/ours/100x64')
    expect(turns.every((name) => name.startsWith('turn/'))).toBe(true)
    expect(namesBy('--row', 'append/ours').every((name) => name.startsWith('append/ours/'))).toBe(true)
    expect(new Set(namesBy('--row', 'naive').map((name) => name.split('/')[1]))).toEqual(new Set(['naive']))
    expect(namesBy('--row', 'heap', '--row', 'naive')).toEqual([...namesBy('--row', 'naive'), 'heap'])
  })

  it('finds a row by name that --quick leaves out', () => {
    expect(namesBy('--quick')).not.toContain('append/ours/10000x64')
    expect(namesBy('--quick', '--row', 'append/ours/10000x64')).toEqual(['append/ours/10000x64'])
  })

  it('lists, counts and writes as it is told', () => {
    expect(readArguments(['--list'], ROWS).isList).toBe(true)
    expect(readArguments(['--rounds', '21'], ROWS).rounds).toBe(21)
    expect(readArguments(['--write-docs'], ROWS).writesDocs).toBe(true)
  })

  it.each([
    ['a name that no row has', ['--row', 'apend'], 'apend'],
    ['such a name beside one that there is', ['--row', 'turn', '--row', 'append/our'], 'append/our'],
    ['no rounds', ['--rounds', '0'], '--rounds'],
    ['half a round', ['--rounds', '2.5'], '--rounds'],
    ['rounds that are no number', ['--rounds', 'nine'], '--rounds'],
    ['an option there is not', ['--fast'], '--fast'],
    ['docs of some rows', ['--write-docs', '--row', 'turn'], '--write-docs'],
    ['docs of a quick run', ['--write-docs', '--quick'], '--write-docs'],
  ])('refuses %s', (_, args, named) => {
    const read = (): unknown => readArguments(args, ROWS)
    expect(read).toThrow(UsageError)
    expect(read).toThrow(named)
  })
})
