// An application that calls its memory at a fixed rate, whether or not it answers. Speaks in lines of JSON. Runs with --expose-gc.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { OpenLoop, type LoadReport } from '../../chaos/hang/open-loop.js'
import { openQuietMemory } from '../quiet-memory.js'
import { input } from './input.js'

export interface HungCallerInput {
  readonly url: string
  readonly namespace: string
  readonly sessions: number
  /** Calls per second. */
  readonly rate: number
}

/** `stop`: the load ends, and the application closes while calls are under way. */
export type HungCallerCommand = { readonly run: true } | { readonly stop: true }

export interface HungCallerReport extends LoadReport {
  /** Heap after collection, in bytes. */
  readonly heap: { readonly before: number; readonly peak: number; readonly settled: number; readonly closed: number }
  readonly greatestRss: number
  /** How long `app.close()` took, with so many calls under way, in ms. */
  readonly closed: { readonly ms: number; readonly underWay: number }
  /** The longest time for which this process was busy, or had no processor, in ms: no timer comes in time then. */
  readonly longestBusy: number
  readonly unhandled: readonly string[]
}

export type HungCallerLine =
  { readonly ready: true } | { readonly answered: number } | { readonly report: HungCallerReport }

const LOOK_EVERY = 1_000
const CALLED_BEFORE_CLOSE = 1_000

const unhandled: string[] = []
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)))

const { url, namespace, sessions, rate } = input() as HungCallerInput
const { app, memory } = await openQuietMemory({ connection: { url }, namespace })
const say = (line: HungCallerLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const heapUsed = (): number => {
  globalThis.gc?.()
  const { heapUsed: used, external } = process.memoryUsage()
  return used + external
}

const load = new OpenLoop(memory, sessions, rate)
await load.callEverySession()
const before = heapUsed()
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
let peak = before
let greatestRss = 0
const look = (): void => {
  peak = Math.max(peak, heapUsed())
  greatestRss = Math.max(greatestRss, process.memoryUsage.rss())
  say({ answered: load.answered })
}

const commands = createInterface({ input: process.stdin })
let looking: NodeJS.Timeout | undefined

const finish = async (): Promise<void> => {
  commands.close()
  clearInterval(looking)
  look()
  load.stop()
  await load.settled()
  const settled = heapUsed()
  // Closing with nothing under way would be easy.
  load.start()
  await sleep(CALLED_BEFORE_CLOSE)
  const { underWay } = load
  const since = performance.now()
  await app.close()
  const ms = performance.now() - since
  load.stop()
  await load.settled()
  const longestBusy = delay.max / 1e6
  const heap = { before, peak, settled, closed: heapUsed() }
  say({ report: { ...load.report(), heap, greatestRss, closed: { ms, underWay }, longestBusy, unhandled } })
}

commands.on('line', (line) => {
  const command: HungCallerCommand = JSON.parse(line)
  if ('stop' in command) void finish()
  else {
    load.start()
    looking = setInterval(look, LOOK_EVERY)
  }
})
say({ ready: true })
