import { randomUUID } from 'node:crypto'
import type { AgentSession } from 'nestjs-agent-memory'
import { openQuietMemory } from '../../support/quiet-memory.js'
import type { LockContenderReport } from '../../support/workers/lock-contender.js'
import { interleavings, lostOrDoubled } from './check-writes.js'
import { startContender, type Contender } from './contender.js'
import type { FencedWrite } from './fenced-write.interface.js'

export interface LockContention {
  readonly reports: readonly LockContenderReport[]
  readonly history: readonly FencedWrite[]
  readonly interleavings: readonly string[]
  readonly lostOrDoubled: readonly string[]
}

export interface LockContentionOptions {
  readonly url: string
  readonly processes: number
  readonly seconds: number
  readonly fenced?: boolean
}

/** In seconds; pauses are longer. */
export const TTL = 1
const PAUSE_EVERY = 2_000
/** To start takes each a second of a processor: all of them at once would leave none to whatever else runs. */
const STARTING_AT_A_TIME = 2
const STARTS_WITHIN = 60_000
/** After the last lock was asked for. */
const ENDS_WITHIN = 60_000
const PAGE = 1_000
const pauseFor = (): number => TTL * 1_000 * (1.2 + Math.random())

const readHistory = async (session: AgentSession): Promise<FencedWrite[]> => {
  const history: FencedWrite[] = []
  for (let after = 0; ;) {
    const { messages } = await session.messages({ after, limit: PAGE })
    for (const { content } of messages) history.push(JSON.parse(content as string))
    after = messages.at(-1)?.seq ?? after
    if (messages.length < PAGE) return history
  }
}

/** Adds so many to `contenders` that are ready. */
const start = async (contenders: Contender[], count: number, one: (process: number) => Contender): Promise<void> => {
  while (contenders.length < count) {
    const starting = Array.from({ length: Math.min(STARTING_AT_A_TIME, count - contenders.length) }, (_, index) =>
      one(contenders.length + index),
    )
    contenders.push(...starting)
    await Promise.all(starting.map((contender) => contender.line('ready', STARTS_WITHIN)))
  }
}

const contend = async (contenders: readonly Contender[], seconds: number): Promise<LockContenderReport[]> => {
  const ms = seconds * 1_000
  const lines = contenders.map((contender) => contender.line('report', ms + ENDS_WITHIN))
  for (const contender of contenders) contender.send({ run: ms })
  const pauses = setInterval(() => {
    contenders[Math.floor(Math.random() * contenders.length)]?.send({ pause: true })
  }, PAUSE_EVERY)
  try {
    return (await Promise.all(lines)).map(({ report }) => report)
  } finally {
    clearInterval(pauses)
  }
}

/** Many processes contend for the lock of one session, and holders are stopped for longer than its ttl. */
export const runLockContention = async ({
  url,
  processes,
  seconds,
  fenced = true,
}: LockContentionOptions): Promise<LockContention> => {
  const namespace = `locks-${randomUUID()}`
  await using opened = await openQuietMemory({ connection: { url }, namespace })
  const session = opened.memory.session('contended')
  const contenders: Contender[] = []
  try {
    await start(contenders, processes, (process) =>
      startContender({ url, namespace, session: session.id, process, fenced, ttl: TTL }, pauseFor),
    )
    const reports = await contend(contenders, seconds)
    const history = await readHistory(session)
    await session.delete()
    const acknowledged = reports.flatMap(({ written }) => written)
    return {
      reports,
      history,
      interleavings: interleavings(history),
      lostOrDoubled: lostOrDoubled(history, acknowledged),
    }
  } finally {
    for (const contender of contenders) contender.kill()
  }
}
