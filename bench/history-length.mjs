// `node bench/history-length.mjs [--check]` after `npm run build`: does a call cost more on a long history than on a short one?
//
// Starts a redis-server of its own on 127.0.0.1, fills sessions of 10 to 100,000 messages, and calls each method on each of
// them, in blocks whose order is shuffled anew in every round, so that a slow moment of the machine meets all alike. With
// `--check` it exits with 1 when a median is outside of the bounds.
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { NestFactory } from '@nestjs/core'
import { MemoryModule, MemoryService } from 'nestjs-agent-memory'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { median, shuffle } from './statistics.mjs'

const LENGTHS = [10, 1_000, 10_000, 100_000]
const [SHORTEST] = LENGTHS
const ROUNDS = 101
const WARM_UP_ROUNDS = 10
const CALLS = 20
const BATCH = 1_000
const REMEMBERED = 152
const BOUNDS = { low: 0.8, high: 1.25 }
/** The rounds end here even if there are fewer of them by then. */
const TIME_LIMIT_MS = 45_000
const RESULT = new URL('./results/history-length.json', import.meta.url)

const TEXT = 'A guest asks whether the room on the fourth floor is free from Monday on. '.repeat(3).slice(0, 200)
const message = (seq) => ({ role: seq % 2 === 0 ? 'user' : 'assistant', content: TEXT })

const METHODS = {
  append: { call: (session, index) => session.append(message(index)) },
  'messages({ last: 10 })': { window: 10, call: (session) => session.messages({ last: 10 }) },
  'messages({ last: 20 })': { window: 20, call: (session) => session.messages({ last: 20 }) },
  'context({ last: 10 })': { window: 10, call: (session) => session.context({ last: 10 }) },
  'context({ last: 20 })': { window: 20, call: (session) => session.context({ last: 20 }) },
  'state.get()': { call: (session) => session.state.get() },
}
/** Like is held against like: a session of 10 answers `last: 20` with half as many messages as the others. */
const baselineOf = (method) => LENGTHS.find((length) => length >= (METHODS[method].window ?? 0))

const fill = async (session, length) => {
  for (let from = 0; from < length; from += BATCH) {
    const count = Math.min(BATCH, length - from)
    await session.append(Array.from({ length: count }, (_, index) => message(from + index)))
  }
  // As many writes as a session remembers, so that sessions differ in their length only.
  for (let write = 0; write < REMEMBERED; write += 1) {
    await session.state.set({ name: 'Ada', arrival: new Date('2031-03-10'), guests: write })
  }
}

/** Microseconds for one call, as the mean of a block: a single call is shorter than the clock's jitter. */
const timeBlock = async (call, session) => {
  const start = performance.now()
  for (let index = 0; index < CALLS; index += 1) await call(session, index)
  return ((performance.now() - start) * 1_000) / CALLS
}

/** The appends measured make sessions longer, and twenty are much to a session of ten: each block gets a new one. */
const sessionFor = async (memory, length, method, block) => {
  if (length !== SHORTEST || method !== 'append') return memory.session(`length-${length}`)
  const session = memory.session(`length-${length}-${block}`)
  await fill(session, length)
  return session
}

const measure = async (memory) => {
  const cases = LENGTHS.flatMap((length) => Object.keys(METHODS).map((method) => ({ length, method, times: [] })))
  const end = performance.now() + TIME_LIMIT_MS
  let rounds = -WARM_UP_ROUNDS
  for (; rounds < ROUNDS && performance.now() < end; rounds += 1) {
    for (const { length, method, times } of shuffle(cases)) {
      const session = await sessionFor(memory, length, method, rounds)
      const time = await timeBlock(METHODS[method].call, session)
      if (rounds >= 0) times.push(time)
    }
  }
  return { rounds, cases }
}

const rounded = (value) => Number(value.toFixed(3))

const summarize = (cases) =>
  Object.keys(METHODS).map((method) => {
    const medians = new Map(
      cases.filter((found) => found.method === method).map(({ length, times }) => [length, median(times)]),
    )
    const baseline = baselineOf(method)
    const ratiosTo = (base) =>
      Object.fromEntries([...medians].map(([length, time]) => [length, rounded(time / medians.get(base))]))
    return {
      method,
      medianMicroseconds: Object.fromEntries([...medians].map(([length, time]) => [length, rounded(time)])),
      ratioToShortest: ratiosTo(SHORTEST),
      baseline,
      ratioToBaseline: ratiosTo(baseline),
    }
  })

const cell = (text) => String(text).padStart(19)

const print = (results) => {
  console.log(`${'µs (ratio to the first)'.padEnd(24)}${LENGTHS.map((length) => cell(`${length} messages`)).join('')}`)
  for (const { method, medianMicroseconds, ratioToShortest } of results) {
    const cells = LENGTHS.map((length) =>
      cell(`${medianMicroseconds[length].toFixed(0)} (${ratioToShortest[length].toFixed(2)})`),
    )
    console.log(`${method.padEnd(24)}${cells.join('')}`)
  }
}

/** The ratios that say how cost grows with the history, for calls that do the same work. */
const judge = (results) => {
  const ratios = results.flatMap(({ method, baseline, ratioToBaseline }) =>
    LENGTHS.filter((length) => length > baseline).map((length) => ({
      ratio: ratioToBaseline[length],
      what: `${method} at ${length} messages, against ${baseline}: ${ratioToBaseline[length]}`,
    })),
  )
  const outside = ratios.filter(({ ratio }) => ratio < BOUNDS.low || ratio > BOUNDS.high)
  console.log(`
The first session cannot fill a window of 20; against the shortest one that fills the window of its call,
${ratios.length - outside.length} of ${ratios.length} ratios are within ${BOUNDS.low} to ${BOUNDS.high}.`)
  for (const { what } of outside) console.log(`  outside: ${what}`)
  return outside.length === 0
}

const run = async (redis) => {
  const options = {
    connection: { url: redis.url },
    namespace: 'bench',
    session: { ttl: '1h', maxMessages: 1_000_000, maxBytes: '256mb' },
  }
  const app = await NestFactory.createApplicationContext(MemoryModule.forRoot(options), { logger: ['error'] })
  try {
    const memory = app.get(MemoryService)
    for (const length of LENGTHS) await fill(memory.session(`length-${length}`), length)
    const { rounds, cases } = await measure(memory)
    const results = summarize(cases)
    console.log(`Redis ${redis.version}, Node ${process.version}, ${rounds} rounds of ${CALLS} calls each\n`)
    print(results)
    const machine = {
      cpu: cpus()[0]?.model,
      cores: availableParallelism(),
      node: process.version,
      redis: redis.version,
    }
    await mkdir(new URL('.', RESULT), { recursive: true })
    await writeFile(
      RESULT,
      `${JSON.stringify({ date: new Date(), machine, rounds, calls: CALLS, bounds: BOUNDS, results }, undefined, 2)}\n`,
    )
    return results
  } finally {
    await app.close()
  }
}

const redis = await RealRedis.start({ backend: 'binary' })
try {
  if (!judge(await run(redis)) && process.argv.includes('--check')) process.exitCode = 1
} finally {
  await redis.stop()
}
