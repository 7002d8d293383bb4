import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { RealRedis } from 'nestjs-agent-memory/testing'
import { LineProcess } from '../../support/line-process.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory } from '../../support/quiet-memory.js'
import type {
  HungCallerCommand,
  HungCallerInput,
  HungCallerLine,
  HungCallerReport,
} from '../../support/workers/hung-caller.js'
import { checkEffects, type Effects } from './check-effects.js'

export interface HangOptions {
  /** How long the server is stopped. */
  readonly seconds: number
  /** Calls per second. */
  readonly rate: number
}

export interface HangOutcome {
  readonly report: HungCallerReport
  readonly effects: Effects
  readonly stopped: {
    readonly ms: number
    /** PINGs of another client that were answered meanwhile. */
    readonly pings: number
    readonly pingsAnswered: number
  }
  /** How long the process went on after `app.close()` had resolved, in ms, and how it ended. */
  readonly exit: { readonly ms: number; readonly code: number | null }
}

const SESSIONS = 100
const STARTS_WITHIN = 30_000
const ENDS_WITHIN = 30_000
const PING_EVERY = 500

/** Asks the stopped server for as long as it is to be stopped. */
const pingFor = async (ms: number, client: Redis): Promise<{ pings: number; answered: number }> => {
  const end = performance.now() + ms
  const pings: Promise<boolean>[] = []
  let settled = 0
  while (performance.now() < end) {
    pings.push(
      client.ping().then(
        () => ++settled > 0,
        () => false,
      ),
    )
    await sleep(Math.min(PING_EVERY, Math.max(1, end - performance.now())))
  }
  return { pings: pings.length, answered: settled }
}

/** Stops the server under load, closes the application while it is stopped, lets it go on, and looks at what became of it all. */
export const runHang = async (redis: RealRedis, { seconds, rate }: HangOptions): Promise<HangOutcome> => {
  const namespace = `hang-${randomUUID()}`
  const input: HungCallerInput = { url: redis.url, namespace, sessions: SESSIONS, rate }
  const worker = new LineProcess<HungCallerLine, HungCallerCommand>('hung-caller', input, ['--expose-gc'])
  const pinger = redis.client()
  const looker = redis.client()
  try {
    await worker.line('ready', STARTS_WITHIN)
    await Promise.all([pinger.ping(), looker.ping()])
    worker.send({ run: true })
    await worker.line('answered', STARTS_WITHIN)
    const pause = await redis.pause()
    const since = performance.now()
    const { pings, answered } = await pingFor(seconds * 1_000, pinger)
    const reported = worker.line('report', ENDS_WITHIN)
    worker.send({ stop: true })
    const { report } = await reported
    const closedAt = performance.now()
    worker.endInput()
    const { code } = await Promise.race([worker.ended, sleep(ENDS_WITHIN, { code: null }, { ref: false })])
    const exit = { ms: performance.now() - closedAt, code }
    const stopped = { ms: performance.now() - since, pings, pingsAnswered: answered }
    await pause.restore()
    // What it had sent is executed before its connections are found closed.
    const own = String(await looker.client('ID'))
    await poll(async () => {
      const others = String(await looker.client('LIST'))
        .split('\n')
        .filter((line) => line.includes('name=agent-memory'))
      return others.length === 0 && own !== ''
    }, 10_000)
    await using opened = await openQuietMemory({ connection: { url: redis.url }, namespace })
    return { report, effects: await checkEffects(opened.memory, SESSIONS, report), stopped, exit }
  } finally {
    worker.kill()
    pinger.disconnect()
    looker.disconnect()
  }
}
