import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FaultProxy, HistoryChecker, type Entry, type HistoryReport, type RealRedis } from 'nestjs-agent-memory/testing'
import { LineProcess } from '../../support/line-process.js'
import { openQuietMemory } from '../../support/quiet-memory.js'
import type {
  JournalWriterCommand,
  JournalWriterInput,
  JournalWriterLine,
} from '../../support/workers/journal-writer.js'
import { seededRandom } from '../random.js'
import { idOf, type KilledWrite } from './entry.js'
import { Recorder } from './recorder.js'
import { UNTIL_KILLED } from './until-killed.js'

export interface JournalKillsOptions {
  readonly kills: number
  readonly seed: number
}

export interface JournalKillsOutcome {
  readonly report: HistoryReport
  readonly recorder: Recorder
  /** By what the process was doing, as far as it had said so. */
  readonly kills: { readonly journaling: number; readonly replay: number; readonly all: number }
  /** Writes that were waiting when a journal was opened. */
  readonly found: readonly number[]
  /** Calls that were not answered, and were made again by the next process. */
  readonly again: number
  /** What the last process left in the journal. */
  readonly drained: { readonly entries: number; readonly aside: number }
  readonly network: FaultProxy['faults']
}

const SESSIONS = Array.from({ length: 10 }, (_, index) => `session-${index}`)
/** Fewer than what a session remembers of its operations: a caller that died repeats without knowing how late. */
const MOST_PER_LIFE = 60
const STARTS_WITHIN = 30_000
const DRAINS_WITHIN = 90_000
const ENDS_WITHIN = 10_000
const PAGE = 1_000

type Worker = LineProcess<JournalWriterLine, JournalWriterCommand>

const readEntries = async (redis: RealRedis, namespace: string): Promise<[string, Entry[]][]> => {
  await using opened = await openQuietMemory({ connection: { url: redis.url }, namespace })
  const contents: [string, Entry[]][] = []
  for (const session of SESSIONS) {
    const entries: Entry[] = []
    for (let after = 0, more = true; more;) {
      const { messages } = await opened.memory.session(session).messages({ after, limit: PAGE })
      for (const { content } of messages) entries.push({ id: idOf(content), content: content as string })
      more = messages.length === PAGE
      after = messages.at(-1)?.seq ?? after
    }
    contents.push([session, entries])
  }
  return contents
}

/** An application is killed again and again, and started anew on the same journal; in the end all of it is replayed. */
export const runJournalKills = async (
  redis: RealRedis,
  { kills: wanted, seed }: JournalKillsOptions,
): Promise<JournalKillsOutcome> => {
  const random = seededRandom(seed)
  const directory = await mkdtemp(join(tmpdir(), 'agent-memory-kills-'))
  const namespace = `kills-${seed}-${process.pid}`
  const proxy = await FaultProxy.before(redis, { random })
  const checker = new HistoryChecker({ settlesWithin: DRAINS_WITHIN })
  const recorder = new Recorder(checker)
  const workers: Worker[] = []
  const start = (life: number): Worker => {
    const input: JournalWriterInput = {
      url: proxy.url,
      namespace,
      directory,
      sessions: SESSIONS,
      most: MOST_PER_LIFE,
      life,
      seed: seed + life * SESSIONS.length,
    }
    const worker: Worker = new LineProcess('journal-writer', input)
    worker.onLine((line) => recorder.hear(line))
    workers.push(worker)
    return worker
  }
  const kills = { journaling: 0, replay: 0, all: 0 }
  const found: number[] = []
  let again = 0
  try {
    let unanswered: KilledWrite[] = []
    // Each is started while the one before it runs, and waits to be told to begin.
    let next = start(0)
    let isReady = next.line('ready', STARTS_WITHIN)
    for (let life = 0; life < wanted; life++) {
      const worker = next
      await isReady
      next = start(life + 1)
      isReady = next.line('ready', STARTS_WITHIN)
      // A worker that dies while the one before it is at work is noticed when it is its turn.
      isReady.catch(() => undefined)
      recorder.begin()
      const opened = worker.line('opened', STARTS_WITHIN)
      const repeated = unanswered.filter(() => random() < 0.5)
      again += repeated.length
      worker.send({ write: { again: repeated } })
      found.push((await opened).opened)
      await UNTIL_KILLED[life % UNTIL_KILLED.length]!({ proxy, recorder, random })
      worker.kill()
      await worker.ended
      kills.all++
      if (recorder.life.last === 'replayed' && recorder.life.left > 0) kills.replay++
      if (recorder.life.last === 'journaled' && recorder.underWay > 0) kills.journaling++
      unanswered = recorder.end()
    }
    await proxy.restore()
    await isReady
    recorder.begin()
    const end = next.line('drained', DRAINS_WITHIN)
    const opened = next.line('opened', STARTS_WITHIN)
    next.send({ drain: true })
    found.push((await opened).opened)
    const { drained } = await end
    next.endInput()
    await Promise.race([next.ended, sleep(ENDS_WITHIN, undefined, { ref: false })])
    const report = checker.verify(await readEntries(redis, namespace))
    return { report, recorder, kills, found, again, drained, network: proxy.faults }
  } finally {
    for (const worker of workers) worker.kill()
    await Promise.all(workers.map(({ ended }) => ended))
    recorder.end()
    await proxy.close()
    await rm(directory, { recursive: true, force: true })
  }
}
