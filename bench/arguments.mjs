import { parseArgs } from 'node:util'
import { matches } from './rows.mjs'

/** Said to who called it, without a stack. */
export class UsageError extends Error {
  name = 'UsageError'
}

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  row: { type: 'string', multiple: true, default: [] },
  list: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  'write-docs': { type: 'boolean', default: false },
}

const parsed = (args) => {
  try {
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    throw new UsageError(error.message)
  }
}

const chosen = (rows, { row: wanted, quick }) => {
  const unknown = wanted.filter((text) => !rows.some((row) => matches(row, [text])))
  if (unknown.length > 0) throw new UsageError(`no row is named ${unknown.join(', ')}: --list has their names`)
  if (wanted.length > 0) return rows.filter((row) => matches(row, wanted))
  return quick ? rows.filter(({ isQuick }) => isQuick) : rows
}

/**
 * What a command line asks for.
 *
 * @param {readonly string[]} args
 * @param {readonly object[]} rows all there are
 * @throws UsageError
 */
export const readArguments = (args, rows) => {
  const given = parsed(args)
  const rounds = given.rounds === undefined ? undefined : Number(given.rounds)
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new UsageError('--rounds: a whole number above 0')
  }
  const isPart = given.quick || given.row.length > 0
  if (given['write-docs'] && isPart) throw new UsageError('--write-docs is for a whole run: without --quick and --row')
  return {
    isQuick: given.quick,
    isList: given.list,
    isByName: given.row.length > 0,
    writesDocs: given['write-docs'],
    rounds,
    rows: chosen(rows, given),
  }
}
