// Which kinds of values come back as they went in: this module beside other codecs.
//
//   npm run build && node bench/value-matrix.mjs [--check]
//
// exact       the value that was read is the one that was written; see value-matrix/is-exact.mjs for what counts
// refused     writing it throws
// unreadable  it was written, and reading it throws
// WRONG       something else came back, without a word
//
// With --check it fails when this module has any `unreadable` or `WRONG`, or when there are fewer than 56 kinds.
import { ValueCodec } from '../build/serialization/codec/value-codec.js'
import { createTypes } from '../build/serialization/types/create-types.js'
import { judge, VERDICTS } from './value-matrix/judge.mjs'
import { makePeers } from './value-matrix/peers.mjs'
import { TYPES } from './value-matrix/types.mjs'
import { VALUES } from './value-matrix/values.mjs'

const LEAST_KINDS = 56

const own = () => {
  const codec = new ValueCodec(createTypes(TYPES))
  return { name: 'this module', write: (value) => codec.encode(value), read: (text) => codec.decode(text) }
}

const codecs = [own(), ...makePeers()]
const rows = VALUES.map(({ kind, make }) => ({ kind, cells: codecs.map((codec) => judge(codec, make())) }))
const sums = VERDICTS.map((verdict) => ({
  kind: verdict,
  cells: codecs.map((_codec, column) => rows.filter(({ cells }) => cells[column] === verdict).length),
}))

const width = Math.max(...VALUES.map(({ kind }) => kind.length)) + 2
const line = ({ kind, cells }) => kind.padEnd(width) + cells.map((cell) => String(cell).padEnd(12)).join('')
const print = (text = '') => process.stdout.write(`${text.trimEnd()}\n`)

print(line({ kind: `${VALUES.length} kinds of values`, cells: codecs.map(({ name }) => name) }))
print()
rows.forEach((row) => print(line(row)))
print()
sums.forEach((row) => print(line(row)))

const failures = rows.filter(({ cells: [cell] }) => cell === 'WRONG' || cell === 'unreadable')
if (process.argv.includes('--check') && (failures.length > 0 || VALUES.length < LEAST_KINDS)) {
  print(`\nFAILED: ${failures.map(({ kind }) => kind).join(', ') || `fewer than ${LEAST_KINDS} kinds`}`)
  process.exitCode = 1
}
