// Applications that write to their sessions while servers are killed, stopped and replaced, and hold in the end what stands
// there against what they were answered. Speaks in lines of JSON, and ends when its input does.
import { subscribe } from 'node:diagnostics_channel'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionOptions, MemoryService, WriteHealedEvent } from 'nestjs-agent-memory'
import { HistoryChecker, type Entry, type SessionContent } from 'nestjs-agent-memory/testing'
import { Acknowledgements, type Gap } from '../../chaos/failover/acknowledgements.js'
import { SessionWriter, type FailoverState, type Place, type Run } from '../../chaos/failover/session-writer.js'
import { sessionOnShard, type Shard } from '../../chaos/failover/shard.js'
import { CallLog } from '../../chaos/call-log.js'
import { seededRandom } from '../../chaos/random.js'
import { openQuietMemory } from '../quiet-memory.js'
import { input } from './input.js'

export interface FailoverWritersInput {
  readonly connection: Extract<ConnectionOptions, { cluster: unknown } | { sentinel: unknown }>
  readonly namespace: string
  readonly writers: number
  readonly seed: number
  readonly shards: readonly Shard[]
  readonly healing: boolean
}

/** `visit`: some more sessions are written to from now on. `stop`: nothing new begins, and everything is held against what was answered. */
export type FailoverWritersCommand = { readonly visit: readonly Place[] } | { readonly stop: true }

const KINDS = ['hung', 'lost', 'doubled', 'reordered', 'garbled', 'phantom', 'staleAsFresh', 'resurrected'] as const

export interface FailoverReport {
  readonly appended: number
  readonly findings: Readonly<Record<(typeof KINDS)[number], number>>
  /** Of appends, those that are lost; the others are values of the state. */
  readonly lostAppends: number
  /** When they were acknowledged, in seconds from the start. */
  readonly lostFrom: string
  /** The history as a text. */
  readonly history: string
  readonly errors: Readonly<Record<string, number>>
  /** Errors that no repetition mends. */
  readonly final: readonly string[]
  readonly longestCall: number
  /** The longest time for which this process was busy, or had no processor, in ms: no timer comes in time then. */
  readonly longestBusy: number
  /** By shard, and `overall`. */
  readonly gaps: Readonly<Record<string, Gap>>
  /** How long before the end the last append was acknowledged, in ms, by shard. */
  readonly quietAtEnd: Readonly<Record<string, number>>
  /** How often the module said that a session was lost, or is older than it was. */
  readonly reportedLost: number
  /** How many writes it said it had made again. */
  readonly healed: number
  /** Of these, appends; a value of the state that stands there may be put there again. */
  readonly healedAppends: number
  readonly unhandled: readonly string[]
}

export type FailoverWritersLine =
  { readonly ready: readonly Place[] } | { readonly appended: number } | { readonly report: FailoverReport }

const APPLICATIONS = 4
/** How long what failed is repeated when nothing new begins any more. */
const FINISHING = 30_000
/** By when a call has to settle: the deadline, and what a busy machine may add to it. */
const SETTLES_WITHIN = 4_000
const SAY_EVERY = 250
const PAGE = 1_000

const unhandled: string[] = []
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)))

const { connection, namespace, writers, seed, shards, healing } = input() as FailoverWritersInput
const say = (line: FailoverWritersLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const open = () =>
  openQuietMemory({
    connection,
    namespace,
    // Nothing may be trimmed: what was acknowledged has to be there in the end.
    session: { maxMessages: 1_000_000, maxBytes: '512mb', ttl: '1h' },
    // What a session has lost is counted here, and the writers go on.
    resilience: {
      onLoss: 'report',
      healing: healing ? undefined : false,
    },
  })

let reportedLost = 0
let healed = 0
let healedAppends = 0
subscribe('nestjs-agent-memory:lost', () => reportedLost++)
subscribe('nestjs-agent-memory:healed', (event) => {
  const { seqs } = event as WriteHealedEvent
  healed++
  if (seqs.length > 0) healedAppends++
})

const newAcknowledgements = () => new Acknowledgements(shards.map(({ name }) => name))

const run: Run = {
  checker: new HistoryChecker({ settlesWithin: SETTLES_WITHIN }),
  log: new CallLog(),
  acknowledgements: newAcknowledgements(),
  stopping: false,
  givesUpAt: Infinity,
  final: [],
}
const opened = await Promise.all(Array.from({ length: APPLICATIONS }, open))
const writerOf = (index: number): SessionWriter => {
  const memory = opened[index % APPLICATIONS]!.memory as MemoryService<FailoverState>
  return new SessionWriter(`w${index}`, memory, run, seededRandom(seed + index))
}
const placesOf = (name: string): Place[] =>
  shards.map((shard) => ({ session: sessionOnShard(namespace, name, shard), shard: shard.name }))

const all = Array.from({ length: writers }, (_, index) => ({ writer: writerOf(index), own: placesOf(`own-${index}`) }))
const shared = placesOf('shared')
const visited: Place[] = []
const delay = monitorEventLoopDelay({ resolution: 5 })
for (const { writer, own } of all) for (const place of [...own, ...shared]) await writer.append(place)
delay.enable()
run.acknowledgements = newAcknowledgements()

const working: Promise<void>[] = all.flatMap(({ writer, own }) => [
  ...own.map((place) => writer.work([place])),
  writer.work(shared),
])
const saying = setInterval(() => say({ appended: run.log.appended }), SAY_EVERY)

const entryOf = (content: unknown): Entry =>
  typeof content === 'string'
    ? { id: content.split(' ', 1)[0]!, content }
    : { id: 'not a text', content: JSON.stringify(content) }

/** Servers have settled by now: what fails is repeated for a moment only. */
const again = async <T>(call: () => Promise<T>, attempts = 50): Promise<T> => {
  try {
    return await call()
  } catch (error) {
    if (attempts <= 1) throw error
    await sleep(100)
    return again(call, attempts - 1)
  }
}

const contentOf = async (memory: MemoryService<FailoverState>, id: string): Promise<SessionContent> => {
  const entries: Entry[] = []
  const session = memory.session(id)
  for (let after = 0; ;) {
    const { messages } = await again(() => session.messages({ after, limit: PAGE }))
    entries.push(...messages.map(({ content }) => entryOf(content)))
    if (messages.length < PAGE) break
    after = messages.at(-1)!.seq
  }
  const { values } = await again(() => session.state.get())
  return { entries, fields: values }
}

/** Reads everything as an application that saw none of it. */
const readAll = async (): Promise<[string, SessionContent][]> => {
  await using reader = await open()
  const contents: [string, SessionContent][] = []
  for (const { session } of [...all.flatMap(({ own }) => own), ...shared, ...visited])
    contents.push([session, await contentOf(reader.memory as MemoryService<FailoverState>, session)])
  return contents
}

const finish = async (): Promise<void> => {
  run.stopping = true
  run.givesUpAt = performance.now() + FINISHING
  const quietAtEnd = run.acknowledgements.end()
  const gaps = run.acknowledgements.longest
  await Promise.all(working)
  clearInterval(saying)
  const longestBusy = delay.max / 1e6
  const history = run.checker.verify(await readAll())
  const lostAppends = history.lost.flatMap(({ id = '' }) => (id.includes('=') ? [] : [id]))
  await Promise.all(opened.map((application) => application[Symbol.asyncDispose]()))
  say({
    report: {
      appended: run.log.appended,
      findings: Object.fromEntries(KINDS.map((kind) => [kind, history[kind].length])) as FailoverReport['findings'],
      lostAppends: lostAppends.length,
      lostFrom: run.acknowledgements.span(lostAppends),
      history: history.toString(),
      errors: Object.fromEntries(run.log.errors),
      final: run.final,
      longestCall: Math.round(run.log.longestMs),
      longestBusy: Math.round(longestBusy),
      gaps,
      quietAtEnd,
      reportedLost,
      healed,
      healedAppends,
      unhandled,
    },
  })
}

const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => {
  const command: FailoverWritersCommand = JSON.parse(line)
  if ('stop' in command) {
    finish().catch((error: unknown) => {
      console.error(error)
      process.exit(1)
    })
    return
  }
  visited.push(...command.visit)
  const { writer } = all[0]!
  working.push(...command.visit.map((place) => writer.work([place])))
})
say({ ready: [...all.flatMap(({ own }) => own), ...shared] })
