import { setTimeout as sleep } from 'node:timers/promises'
import {
  expectNoImmortalKeys,
  FaultProxy,
  HistoryChecker,
  RealRedis,
  type HistoryReport,
  type SessionContent,
} from 'nestjs-agent-memory/testing'
import { CallLog } from './call-log.js'
import { ErrorStats } from './error-stats.js'
import { chaosFaults } from './faults/chaos-faults.js'
import { FaultRun } from './faults/fault-run.js'
import { planFaults } from './faults/plan-faults.js'
import { HeapWatch } from './heap.js'
import { openOurs, OUR_DEADLINE_MS } from './memories/ours.js'
import type { ChaosMemory, OpenChaosMemory } from './memories/chaos-memory.interface.js'
import { openThin } from './memories/thin.js'
import { seededRandom } from './random.js'
import { Writer } from './writer.js'

const WRITERS = 8
const SESSIONS = 64
const SESSIONS_AT_ONCE = 8
/** By when a call has to settle: the deadline, and what a busy machine may add to it. */
const SETTLES_WITHIN_MS = OUR_DEADLINE_MS + 1_500
const READ_ATTEMPTS = 20

export interface ChaosOptions {
  readonly memory: 'ours' | 'thin'
  readonly seconds: number
  readonly seed: number
}

export interface ChaosOutcome {
  readonly report: HistoryReport
  readonly faults: FaultRun
  readonly log: CallLog
  readonly network: object
  readonly server: ErrorStats
  readonly unhandled: readonly string[]
  readonly heapMb: number
  /** Keys that were looked at, or what is wrong with them. */
  readonly keys: number | string
}

const OPEN: Record<ChaosOptions['memory'], OpenChaosMemory> = { ours: openOurs, thin: openThin }

/**
 * Keeps what it was told, and answers no sooner than the disk has it: a kill loses nothing that was acknowledged. Loading it
 * takes a moment, in which the server says so.
 */
const SERVER_ARGS =
  '--appendonly yes --appendfsync always --key-load-delay -20 --loading-process-events-interval-bytes 65536'.split(' ')

const everySession = Array.from({ length: SESSIONS }, (_, index) => `session-${index}`)

const again = async <T>(call: () => Promise<T>, attempts = READ_ATTEMPTS): Promise<T> => {
  try {
    return await call()
  } catch (error) {
    if (attempts <= 1) throw error
    await sleep(100)
    return again(call, attempts - 1)
  }
}

/** All that stands in the end, read by a process that saw none of it. */
const readEverything = async (memory: ChaosMemory): Promise<[string, SessionContent][]> => {
  const contents: [string, SessionContent][] = []
  for (const session of everySession) {
    const { entries } = await again(() => memory.read(session, 'all'))
    const { fields } = await again(() => memory.readFields(session))
    contents.push([session, { entries, fields }])
  }
  return contents
}

/** A writer works on every session, and each of its sessions in one place only. */
const workOf = (writer: Writer): Promise<void[]> =>
  Promise.all(
    Array.from({ length: SESSIONS_AT_ONCE }, (_, place) =>
      writer.work(everySession.filter((_session, index) => index % SESSIONS_AT_ONCE === place)),
    ),
  )

/** Many writers on many sessions of a real server, with a fault every 200 ms; then everything is held against what they saw. */
export const runChaos = async ({ memory, seconds, seed }: ChaosOptions): Promise<ChaosOutcome> => {
  const unhandled: string[] = []
  const note = (reason: unknown): void => void unhandled.push(String(reason))
  process.on('unhandledRejection', note)
  const redis = await RealRedis.start({ backend: 'binary', args: SERVER_ARGS })
  const proxy = await FaultProxy.before(redis, { random: seededRandom(seed) })
  const admin = redis.client({ maxRetriesPerRequest: null })
  const server = new ErrorStats()
  const heap = new HeapWatch()
  try {
    const checker = new HistoryChecker({ settlesWithin: SETTLES_WITHIN_MS })
    const log = new CallLog()
    const faults = new FaultRun({ redis, proxy, admin, beforeRestart: () => server.collect(admin) })
    const memories = await Promise.all(Array.from({ length: WRITERS }, () => OPEN[memory](proxy.url)))
    const end = performance.now() + seconds * 1_000
    const working = memories.map((opened, index) => {
      const random = seededRandom(seed + index + 1)
      return workOf(new Writer({ writer: `w${index}`, memory: opened, checker, log, random, end }))
    })
    await faults.run(planFaults(chaosFaults, seed, seconds))
    await proxy.restore()
    await Promise.all(working)
    heap.stop()
    await server.collect(admin)
    await Promise.all(memories.map((opened) => opened.close()))

    const reader = await OPEN[memory](redis.url)
    const report = checker.verify(await readEverything(reader))
    await reader.close()
    const pattern = memory === 'ours' ? 'am:*' : '*'
    const keys = await expectNoImmortalKeys(redis, { pattern }).catch((error: unknown) => String(error))
    return { report, faults, log, network: proxy.faults, server, unhandled, heapMb: heap.greatestMb, keys }
  } finally {
    heap.stop()
    await proxy.close()
    await redis.stop()
    process.off('unhandledRejection', note)
  }
}
