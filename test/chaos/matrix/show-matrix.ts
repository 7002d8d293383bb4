import type { MatrixRow } from './matrix.js'

const NAME_WIDTH = 36
const CELL_WIDTH = 8

const line = (name: string, cells: readonly string[]): string =>
  [name.padEnd(NAME_WIDTH), ...cells.map((cell) => cell.padStart(CELL_WIDTH))].join('')

/** A line for each fault, a column for each operation. */
export const showMatrix = (rows: readonly MatrixRow[]): string => {
  const operations = rows[0]?.cells.map(({ operation }) => operation.name) ?? []
  return [
    'ok: the right result; no, yes, unknown: the right error, with what it says of the execution; WRONG: see below',
    '',
    ...operations.map((name, index) => `  ${String(index + 1).padStart(2)} ${name}`),
    '',
    line(
      '',
      operations.map((_name, index) => String(index + 1)),
    ),
    ...rows.map(({ fault, cells }) =>
      line(
        fault.name,
        cells.map(({ text }) => text),
      ),
    ),
    '',
    `${rows.length} faults × ${operations.length} operations: ${rows.length * operations.length} cells`,
  ].join('\n')
}

/** What is not as promised, in words. */
export const problemsOf = (rows: readonly MatrixRow[]): string[] =>
  rows.flatMap(({ fault, cells, problems }) => [
    ...problems.map((problem) => `${fault.name}: ${problem}`),
    ...cells.flatMap((cell) => cell.problems.map((problem) => `${fault.name} × ${cell.operation.name}: ${problem}`)),
  ])
