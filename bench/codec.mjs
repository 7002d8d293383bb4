// `node bench/codec.mjs [--check]` after `npm run build`: what does it cost that a value comes back exactly?
//
// Writes and reads each value with the codec and with others, in blocks whose order is shuffled anew in every round, so
// that a slow moment of the machine meets all alike. Only ratios within one run count. With `--check` it exits with 1 when
// one is above its bound.
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import * as devalue from 'devalue'
import { parse, stringify } from 'superjson'
import { ValueCodec } from '../build/serialization/codec/value-codec.js'
import { median, shuffle } from './statistics.mjs'

const ROUNDS = 301
const WARM_UP_ROUNDS = 40
const BLOCK_MS = 0.6
/** The rounds end here even if there are fewer of them by then. */
const TIME_LIMIT_MS = 60_000
const MAX_EMBEDDING_BYTES = 8_300
const RESULT = new URL('./results/codec.json', import.meta.url)

const codec = new ValueCodec({ of: () => undefined, named: () => undefined })
const WAYS = {
  codec: (value) => codec.decode(codec.encode(value)),
  JSON: (value) => JSON.parse(JSON.stringify(value)),
  superjson: (value) => parse(stringify(value)),
  devalue: (value) => devalue.parse(devalue.stringify(value)),
}

const TEXT = 'A guest asks whether the room on the fourth floor is free from Monday on. '.repeat(3).slice(0, 200)
const message = (index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content: `${TEXT.slice(0, 196)}${index}` })
const dated = (index) => ({ ...message(index), createdAt: new Date(1_930_000_000_000 + index * 61_007) })
const many = (count, make) => Array.from({ length: count }, (_, index) => make(index))

const rich = () => ({
  id: 'booking-1',
  bookedAt: new Date(1_930_000_000_000),
  changedAt: new Date(1_930_000_100_000),
  total: 123_456_789_012_345_678_901n,
  deposit: -5n,
  note: undefined,
  rooms: new Map([
    ['401', { floor: 4, beds: 2, free: new Set(['2031-03-10', '2031-03-11']) }],
    ['402', { floor: 4, beds: 1, free: new Set() }],
    ['503', { floor: 5, beds: 3, free: new Set(['2031-03-12']) }],
  ]),
  tags: new Set(['quiet', 'late arrival', 'vegetarian']),
  photo: new Uint8Array(64).fill(7),
  guests: [
    { name: 'Ada', born: new Date(0), nights: 3, vip: true },
    { name: 'Grace', born: new Date(1_000_000_000), nights: 2, vip: false },
    { name: 'Edsger', born: new Date(2_000_000_000), nights: undefined, vip: null },
  ],
  prices: { single: 89.5, double: 129, suite: Infinity, none: Number.NaN },
})

const state = () => ({
  customer: {
    name: 'Ada Grace',
    phone: '+41 44 555 01 42',
    city: 'Basel',
    member: true,
    since: new Date(1_700_000_000_000),
  },
  request: 'A quiet room on an upper floor with a view of the river, for two adults and a child of six.',
  arrival: new Date(1_930_000_000_000),
  nights: 4,
  total: 123_456n,
  preferences: new Set(['quiet', 'vegetarian']),
  rooms: new Map([
    ['401', { floor: 4, price: 129.5, free: true }],
    ['503', { floor: 5, price: 189, free: false }],
  ]),
  notes: ['Speaks German and French.', 'Arrives late by train, about ten in the evening.'],
  open: undefined,
})

// Messages and state values are written one by one: those bounds are the aims. A hundred messages in one text, as a thin
// wrapper writes them, and devalue are held to what the codec reaches (aims: 1.0 and 1.15 of JSON; 1/1.9 of devalue), so that
// a change for the worse is seen.
const CASES = [
  { name: 'a dated message', value: dated(1), bounds: { JSON: 1 } },
  { name: 'a turn of dated messages', value: many(2, dated), bounds: { JSON: 1 } },
  { name: '50 turns of dated messages', value: many(100, dated), bounds: { JSON: 1.2 } },
  { name: 'a message', value: message(1), bounds: { JSON: 1.15 } },
  { name: '50 turns of messages', value: many(100, message), bounds: { JSON: 1.4 } },
  { name: 'a rich object', value: rich(), bounds: { superjson: 1 / 3, devalue: 1 } },
  { name: 'the state of a session', value: state(), bounds: { superjson: 1 / 3, devalue: 0.9 } },
]

/** Microseconds for one call, as the mean of a block: a single call is shorter than the clock's jitter. */
const timeBlock = (way, value, calls) => {
  const start = performance.now()
  for (let index = 0; index < calls; index += 1) way(value)
  return ((performance.now() - start) * 1_000) / calls
}

const measure = () => {
  const cells = CASES.flatMap(({ name, value, bounds }) =>
    ['codec', ...Object.keys(bounds)].map((way) => ({ name, value, way, calls: 10, times: [] })),
  )
  const end = performance.now() + TIME_LIMIT_MS
  let round = -WARM_UP_ROUNDS
  for (; round < ROUNDS && performance.now() < end; round += 1) {
    for (const cell of shuffle(cells)) {
      const time = timeBlock(WAYS[cell.way], cell.value, cell.calls)
      if (round >= 0) cell.times.push(time)
      else cell.calls = Math.max(1, Math.ceil((BLOCK_MS * 1_000) / time))
    }
  }
  return { rounds: round, cells }
}

const rounded = (value) => Number(value.toFixed(3))

const compare = (cells) => {
  const medianOf = (name, way) => median(cells.find((cell) => cell.name === name && cell.way === way).times)
  return CASES.flatMap(({ name, bounds }) =>
    Object.entries(bounds).map(([other, bound]) => {
      const [codecMicroseconds, otherMicroseconds] = [medianOf(name, 'codec'), medianOf(name, other)]
      const ratio = codecMicroseconds / otherMicroseconds
      return {
        name,
        other,
        codecMicroseconds: rounded(codecMicroseconds),
        otherMicroseconds: rounded(otherMicroseconds),
        ratio: rounded(ratio),
        bound: rounded(bound),
        isWithin: ratio <= bound,
      }
    }),
  )
}

const { rounds, cells } = measure()
const results = compare(cells)
const embeddingBytes = Buffer.byteLength(codec.encode(new Float32Array(many(1536, Math.sin))))
const isSmall = embeddingBytes <= MAX_EMBEDDING_BYTES

console.log(`Node ${process.version}, ${rounds} rounds; writing and reading, medians in µs\n`)
for (const { name, other, codecMicroseconds, otherMicroseconds, ratio, bound, isWithin } of results) {
  const times = `${codecMicroseconds.toFixed(2).padStart(9)} / ${otherMicroseconds.toFixed(2).padStart(7)}`
  const verdict = isWithin ? '' : '  above its bound'
  console.log(`${name.padEnd(28)}${times} ${other.padEnd(10)} ${ratio.toFixed(3)} (<= ${bound})${verdict}`)
}
console.log(`\nan embedding of 1536 float32: ${embeddingBytes} bytes (<= ${MAX_EMBEDDING_BYTES})`)

const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version }
await mkdir(new URL('.', RESULT), { recursive: true })
await writeFile(
  RESULT,
  `${JSON.stringify({ date: new Date(), machine, rounds, results, embeddingBytes }, undefined, 2)}\n`,
)
if (process.argv.includes('--check') && !(isSmall && results.every(({ isWithin }) => isWithin))) process.exitCode = 1
