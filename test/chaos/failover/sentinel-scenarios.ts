import { setTimeout as sleep } from 'node:timers/promises'
import type { RealRedisSentinel, WatchedServer } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { answers, HASTY, viewOf } from './observe.js'
import type { Row, SentinelScenario, Stage } from './scenario.interface.js'

const PAUSE_MS = 5_000

/** Waits until the Sentinels name another master that knows it, and says how long that took. */
const untilReplaced = async (set: RealRedisSentinel, former: WatchedServer, { mark }: Stage) => {
  mark('the fault is there')
  const since = performance.now()
  const before = await set.master()
  const successor = await poll(async () => {
    const master = await set.master()
    return master.port === former.port ? undefined : master
  }, 30_000)
  mark('another one is master')
  const { role } = await viewOf(set.serverClient(successor))
  const rows: readonly Row[] = [
    ['replaced after, ms', Math.round(performance.now() - since)],
    ['master', `${before.port} -> ${successor.port}`],
  ]
  return { successor, rows, isMaster: role === 'master' }
}

/** How many scripts a former master runs until it is told that it is none, and for how long. */
const untilDemoted = async (
  set: RealRedisSentinel,
  former: WatchedServer,
  { mark }: Stage,
): Promise<{ scripts: number; ms: number }> => {
  const client = set.serverClient(former)
  const since = performance.now()
  const { scripts } = await viewOf(client)
  let last = scripts
  await poll(async () => {
    const view = await viewOf(client)
    if (view.role === 'master') last = view.scripts
    return view.role !== 'master'
  }, 30_000)
  mark('the former master is told')
  return { scripts: last - scripts, ms: Math.round(performance.now() - since) }
}

export const sentinelScenarios: readonly SentinelScenario[] = [
  {
    name: 'sentinel-pause',
    title: 'a master that Sentinels watch is stopped for 5 s (SIGSTOP, SIGCONT)',
    on: 'sentinel',
    strike: async (set, stage) => {
      const former = await set.master()
      const looking = set.serverClient(former)
      await looking.ping()
      const since = performance.now()
      const fault = await set.pauseMaster()
      const paused = !(await answers(looking))
      const { rows, isMaster } = await untilReplaced(set, former, stage)
      await sleep(Math.max(0, since + PAUSE_MS - performance.now()))
      await fault.restore()
      stage.mark('the former master is back')
      const deposed = await untilDemoted(set, former, stage)
      await set.settled()
      return {
        checks: [
          [!paused, 'the master answered while it was stopped'],
          [!isMaster, 'no replica took its place'],
        ],
        rows: [
          ...rows,
          ['former master back until it was told, ms', deposed.ms],
          ['  scripts it ran meanwhile', deposed.scripts],
        ],
      }
    },
  },
  {
    name: 'sentinel-partition',
    title: 'a master that Sentinels watch is cut off from them, and goes on serving clients',
    on: 'sentinel',
    loses: true,
    strike: async (set, stage) => {
      const former = await set.master()
      const looking = set.serverClient(former)
      const before = await viewOf(looking)
      const fault = await set.partitionMaster()
      const { rows, isMaster } = await untilReplaced(set, former, stage)
      const alone = await viewOf(looking)
      await stage.pass(0.1)
      await fault.restore()
      stage.mark('the former master is back')
      const deposed = await untilDemoted(set, former, stage)
      await set.settled()
      return {
        checks: [
          [!isMaster, 'no replica took its place'],
          [alone.role !== 'master', 'the former master knew before it was let in again'],
          [alone.scripts === before.scripts, 'the former master did not serve clients while it was cut off'],
        ],
        rows: [
          ...rows,
          ['scripts run by the former master while cut off', alone.scripts - before.scripts],
          ['former master back until it was told, ms', deposed.ms],
          ['  scripts it ran meanwhile', deposed.scripts],
        ],
      }
    },
  },
  {
    name: 'sentinel-kill',
    title: 'a master that Sentinels watch is killed (SIGKILL)',
    on: 'sentinel',
    strike: async (set, stage) => {
      const former = await set.master()
      const { runId } = await viewOf(set.serverClient(former))
      const looking = set.serverClient(former, HASTY)
      await looking.ping()
      const fault = await set.killMaster()
      const killed = !(await answers(looking))
      const { rows, isMaster } = await untilReplaced(set, former, stage)
      await stage.pass(0.3)
      await fault.restore()
      stage.mark('the former master is back')
      await set.settled()
      const back = await viewOf(set.serverClient(former))
      return {
        checks: [
          [!killed, 'the master was not killed'],
          [!isMaster, 'no replica took its place'],
          [back.runId === runId, 'the server that came back is the same run'],
        ],
        rows: [...rows, ['came back as', back.role]],
      }
    },
  },
  {
    name: 'sentinel-failover',
    title: 'a replica takes the place of the master by hand (SENTINEL FAILOVER)',
    on: 'sentinel',
    // Sentinels ask nobody for consent: the master goes on until they have told clients.
    loses: true,
    strike: async (set, stage) => {
      const former = await set.master()
      stage.mark('the failover is asked for')
      await set.failover()
      const successor = await set.master()
      stage.mark('another one is master')
      const deposed = await untilDemoted(set, former, stage)
      await set.settled()
      await stage.pass(0.2)
      return {
        checks: [[successor.port === former.port, 'no replica took the place of the master']],
        rows: [
          ['master', `${former.port} -> ${successor.port}`],
          ['former master until it was told, ms', deposed.ms],
          ['  scripts it ran meanwhile', deposed.scripts],
        ],
      }
    },
  },
]
