import { describe, expect, it } from '@jest/globals'
import { rowTables, verdictTable } from '../../../bench/report/tables.mjs'

const row = { name: '', operation: 'append', target: 'ours', history: 10_000, callers: 64 }
const figures = { rounds: 9, microseconds: 25.49, spread: [20, 30], perSecond: 39_231.07, clientCpu: 0.123 }
const failed = { reason: 'so', isWrong: false, isLate: false }

describe('rowTables', () => {
  it('has a table for each operation, in the order of the rows', () => {
    const tables = rowTables([
      { ...row, ...figures },
      { ...row, ...figures, operation: 'turn' },
      { ...row, ...figures, target: 'naive' },
    ])
    expect(tables.map(({ title, rows }) => [title, rows.length - 1])).toEqual([
      ['append', 2],
      ['turn', 1],
    ])
    expect(tables[0]!.rows[1]).toEqual([
      'nestjs-agent-memory',
      '10,000',
      '64',
      '25.5',
      '20.0–30.0',
      '39,231',
      '0.12',
      '-',
    ])
  })

  it.each([
    ['WRONG', 'naive', { ...failed, isWrong: true }],
    ['left out', 'ours', { ...failed, isLate: true }],
    ['left out', 'naive', failed],
    ['FAILED', 'ours', failed],
  ])('has the word %s in the place of figures', (word, target, why) => {
    const cells = rowTables([{ ...row, ...figures, target, failed: why }])[0]!.rows[1]!
    expect(cells.slice(1)).toEqual(['10,000', '64', word, '', '', '', ''])
  })
})

describe('verdictTable', () => {
  it('says what is met, missed and not measured', () => {
    const verdict = { what: 'it', bound: 'at least 2', value: 1, spread: [0.5, 1.5], limit: 3, isMet: false }
    const { rows } = verdictTable([
      verdict,
      { ...verdict, isMet: true, limit: undefined },
      { ...verdict, value: undefined, spread: undefined, limit: undefined, isMet: undefined },
    ])
    expect(rows.slice(1)).toEqual([
      ['it', 'at least 2', '1.00', '0.50–1.50', '3.00', 'MISSED'],
      ['it', 'at least 2', '1.00', '0.50–1.50', '', 'met'],
      ['it', 'at least 2', '-', '', '', 'not measured'],
    ])
  })
})
