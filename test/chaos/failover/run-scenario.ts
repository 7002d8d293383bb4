import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { RealRedisCluster, RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { SLOTS } from '../../../lib/testing/real-redis-cluster/slot-of.js'
import { LineProcess } from '../../support/line-process.js'
import type {
  FailoverReport,
  FailoverWritersCommand,
  FailoverWritersInput,
  FailoverWritersLine,
} from '../../support/workers/failover-writers.js'
import type { Proof, Row, Scenario, Stage } from './scenario.interface.js'
import type { Place } from './session-writer.js'
import type { Shard } from './shard.js'

export interface FailoverOptions {
  /** How long the load goes on at the least. */
  readonly seconds: number
  readonly writers: number
  readonly seed: number
  readonly healing: boolean
}

export interface FailoverOutcome {
  readonly proof: Proof
  readonly report: FailoverReport
  readonly seconds: number
  /** How the process of the applications ended. */
  readonly code: number | null
}

type Writers = LineProcess<FailoverWritersLine, FailoverWritersCommand>

const READY_WITHIN = 60_000
const SAYS_WITHIN = 10_000
const REPORTS_WITHIN = 120_000
const ENDS_WITHIN = 15_000
/**
 * Sentinels ask once in a second. Who takes a server for dead that was silent for so long does so now and then with a new
 * master, and replaces it at once by one that lacks what was written meanwhile.
 */
export const DOWN_AFTER = 2_000
/** What is left of the load before the fault, and after all is well again. */
const AT_EITHER_END = 0.1

/** Runs the load, and a scenario under it; then holds what stands there against what the load was answered. */
const play = async (
  input: FailoverWritersInput,
  seconds: number,
  strike: (stage: Stage) => Promise<Proof>,
): Promise<FailoverOutcome> => {
  const { namespace, shards } = input
  const writers: Writers = new LineProcess('failover-writers', input)
  try {
    const { ready } = await writers.line('ready', READY_WITHIN)
    const since = performance.now()
    const marks: Row[] = []
    const pass = async (part: number): Promise<void> => {
      await sleep(part * seconds * 1_000)
    }
    await pass(AT_EITHER_END)
    const proof = await strike({
      namespace,
      shards,
      keysOn: ({ name }) =>
        keysOf(
          namespace,
          ready.filter(({ shard }) => shard === name),
        ),
      pass,
      mark: (what) => marks.push([what, `${((performance.now() - since) / 1_000).toFixed(1)} s`]),
      visit: (visit) => writers.send({ visit }),
      appended: async () => (await writers.line('appended', SAYS_WITHIN)).appended,
    })
    await sleep(Math.max(AT_EITHER_END * seconds * 1_000, since + seconds * 1_000 - performance.now()))
    const lasted = (performance.now() - since) / 1_000
    const reported = writers.line('report', REPORTS_WITHIN)
    writers.send({ stop: true })
    const { report } = await reported
    writers.endInput()
    const { code } = await Promise.race([writers.ended, sleep(ENDS_WITHIN, { code: null }, { ref: false })])
    return { proof: { ...proof, rows: [...marks, ...proof.rows] }, report, seconds: lasted, code }
  } finally {
    writers.kill()
  }
}

const keysOf = (namespace: string, places: readonly Place[]): string[] =>
  places.map(({ session }) => sessionKey({ namespace, tenant: undefined, sessionId: session }))

const shardsOf = async (cluster: RealRedisCluster): Promise<Shard[]> => {
  const masters = (await cluster.topology()).filter(({ slots }) => slots.length > 0)
  return masters.map(({ slots }, index) => ({ name: `shard ${index + 1}`, slots }))
}

/** On servers that are there already. */
export const runOnCluster = async (
  cluster: RealRedisCluster,
  { seconds, ...options }: FailoverOptions,
  strike: (cluster: RealRedisCluster, stage: Stage) => Promise<Proof>,
): Promise<FailoverOutcome> => {
  const connection = { cluster: { nodes: [...cluster.seeds] } }
  const input = { ...options, connection, namespace: `failover-${randomUUID()}`, shards: await shardsOf(cluster) }
  return await play(input, seconds, (stage) => strike(cluster, stage))
}

/** On servers that are there already. */
export const runOnSentinel = async (
  set: RealRedisSentinel,
  { seconds, ...options }: FailoverOptions,
  strike: (set: RealRedisSentinel, stage: Stage) => Promise<Proof>,
): Promise<FailoverOutcome> => {
  const connection = { sentinel: { name: set.name, sentinels: set.sentinels } }
  const shards: Shard[] = [{ name: 'master', slots: [[0, SLOTS - 1]] }]
  const input = { ...options, connection, namespace: `failover-${randomUUID()}`, shards }
  return await play(input, seconds, (stage) => strike(set, stage))
}

/** On servers of its own. */
export const runScenario = async (scenario: Scenario, options: FailoverOptions): Promise<FailoverOutcome> => {
  const { args } = scenario
  if (scenario.on === 'cluster') {
    await using cluster = await RealRedisCluster.start({ backend: 'binary', args })
    return await runOnCluster(cluster, options, scenario.strike)
  }
  await using set = await RealRedisSentinel.start({ backend: 'binary', args, downAfter: DOWN_AFTER })
  return await runOnSentinel(set, options, scenario.strike)
}
