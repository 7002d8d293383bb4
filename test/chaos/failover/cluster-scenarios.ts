import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterNode, RealRedisCluster } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { answers, epochOf, HASTY, redirections, viewOf } from './observe.js'
import type { ClusterScenario, Row, Stage } from './scenario.interface.js'

const PAUSE_MS = 5_000
/** How long a slot stays open with its key moved. */
const OPEN_MS = 100

const firstKeyOf = ({ shards, keysOn }: Stage): string => keysOn(shards[0]!)[0]!

const otherMaster = async (cluster: RealRedisCluster, node: ClusterNode): Promise<ClusterNode> => {
  const nodes = await cluster.topology()
  return nodes.find(({ id, role, failed }) => role === 'master' && !failed && id !== node.id)!
}

/** Waits until another node was elected for the slot of a key, and says how long that took. */
const untilElected = async (
  cluster: RealRedisCluster,
  key: string,
  former: ClusterNode,
  { mark }: Stage,
): Promise<readonly Row[]> => {
  mark('the fault is there')
  const since = performance.now()
  const seer = await otherMaster(cluster, former)
  const before = await epochOf(cluster, seer, former)
  const successor = await poll(async () => {
    const node = await cluster.masterOf(key)
    return node.id === former.id ? undefined : node
  }, 20_000)
  mark('another one is master')
  const ms = Math.round(performance.now() - since)
  // Word of it gets round.
  const epoch = await poll(async () => {
    const seen = await epochOf(cluster, seer, successor)
    return seen > before && seen
  })
  return [
    ['replaced after, ms', ms],
    ['configuration epoch', `${before} -> ${epoch}`],
  ]
}

/** All redirections that the nodes gave out, those that are up. */
const redirected = async (cluster: RealRedisCluster): Promise<Row> => {
  const nodes = await cluster.topology()
  return ['answers of nodes', await redirections(nodes.map((node) => cluster.nodeClient(node, HASTY)))]
}

/** Moves the slots of keys one by one; each stays open for a while before its key has moved, and after. */
const moveSlowly = async (cluster: RealRedisCluster, keys: readonly string[], to: ClusterNode): Promise<number> => {
  let moved = 0
  for (const slots of new Set(keys.map((key) => cluster.slotOf(key)))) {
    const move = await cluster.reshard({ slots: [slots], to, stopAfter: 0 })
    await sleep(OPEN_MS)
    await move.goOn({ stopAfter: 1 })
    await sleep(OPEN_MS)
    await move.goOn()
    moved += move.movedKeys
  }
  return moved
}

export const clusterScenarios: readonly ClusterScenario[] = [
  {
    name: 'cluster-kill',
    title: 'a master of a cluster is killed (SIGKILL)',
    on: 'cluster',
    strike: async (cluster, stage) => {
      const key = firstKeyOf(stage)
      const former = await cluster.masterOf(key)
      const { runId } = await viewOf(cluster.nodeClient(former))
      const looking = cluster.nodeClient(former, HASTY)
      await looking.ping()
      const fault = await cluster.killMaster(key)
      const killed = !(await answers(looking))
      const rows = await untilElected(cluster, key, former, stage)
      await stage.pass(0.3)
      await fault.restore()
      stage.mark('the former master is back')
      await cluster.settled()
      const back = await viewOf(cluster.nodeClient(former))
      return {
        checks: [
          [!killed, 'the master was not killed'],
          [back.runId === runId, 'the server that came back is the same run'],
        ],
        rows: [...rows, ['came back as', back.role], await redirected(cluster)],
      }
    },
  },
  {
    name: 'cluster-pause',
    title: 'a master of a cluster is stopped for 5 s (SIGSTOP, SIGCONT)',
    on: 'cluster',
    strike: async (cluster, stage) => {
      const key = firstKeyOf(stage)
      const former = await cluster.masterOf(key)
      const looking = cluster.nodeClient(former)
      await looking.ping()
      const since = performance.now()
      const fault = await cluster.pauseMaster(key)
      const paused = !(await answers(looking))
      const rows = await untilElected(cluster, key, former, stage)
      await sleep(Math.max(0, since + PAUSE_MS - performance.now()))
      await fault.restore()
      stage.mark('the former master is back')
      const atReturn = await viewOf(looking)
      await cluster.settled()
      const back = await viewOf(looking)
      return {
        checks: [
          [!paused, 'the master answered while it was stopped'],
          [back.role !== 'slave', 'the former master does not follow the new one'],
        ],
        rows: [
          ...rows,
          ['scripts run by the former master after its return', back.scripts - atReturn.scripts],
          await redirected(cluster),
        ],
      }
    },
  },
  {
    name: 'cluster-partition',
    title: 'a master of a cluster is cut off from the others, and goes on serving clients',
    on: 'cluster',
    loses: true,
    strike: async (cluster, stage) => {
      const key = firstKeyOf(stage)
      const former = await cluster.masterOf(key)
      const looking = cluster.nodeClient(former)
      const before = await viewOf(looking)
      const fault = await cluster.partition(former)
      const rows = await untilElected(cluster, key, former, stage)
      const alone = await viewOf(looking)
      await stage.pass(0.1)
      await fault.restore()
      stage.mark('the former master is back')
      await cluster.settled()
      const back = await viewOf(looking)
      return {
        checks: [
          [alone.role !== 'master', 'the former master knew before it was let in again'],
          [alone.scripts === before.scripts, 'the former master did not serve clients while it was cut off'],
          [back.role !== 'slave', 'the former master does not follow the new one'],
        ],
        rows: [
          ...rows,
          ['scripts run by the former master while cut off', alone.scripts - before.scripts],
          await redirected(cluster),
        ],
      }
    },
  },
  {
    name: 'cluster-reshard',
    title: 'the slots of sessions move to another master and back, under load',
    on: 'cluster',
    strike: async (cluster, stage) => {
      const keys = stage.keysOn(stage.shards[0]!)
      const from = await cluster.masterOf(keys[0]!)
      const to = await otherMaster(cluster, from)
      const there = await moveSlowly(cluster, keys, to)
      stage.mark('all slots are there')
      const owners = await Promise.all(keys.map((key) => cluster.masterOf(key)))
      await stage.pass(0.2)
      const back = await moveSlowly(cluster, keys, from)
      stage.mark('all slots are back')
      return {
        checks: [
          [there < keys.length || back < keys.length, `${there} and ${back} keys moved, fewer than ${keys.length}`],
          [owners.some(({ id }) => id !== to.id), 'a slot did not move'],
        ],
        rows: [['keys moved there and back', there + back], await redirected(cluster)],
      }
    },
  },
  {
    name: 'cluster-grow',
    title: 'a node joins and takes slots, and leaves again',
    on: 'cluster',
    strike: async (cluster, stage) => {
      const keys = stage.keysOn(stage.shards[0]!)
      const from = await cluster.masterOf(keys[0]!)
      const added = await cluster.addNode()
      const moved = await moveSlowly(cluster, keys, added)
      stage.mark('the new node has the slots')
      await stage.pass(0.2)
      const { scripts } = await viewOf(cluster.nodeClient(added))
      await moveSlowly(cluster, keys, from)
      const answered = await redirected(cluster)
      await cluster.removeNode(added)
      stage.mark('the node has left')
      await stage.pass(0.2)
      const left = await cluster.topology()
      return {
        checks: [
          [moved < keys.length, `${moved} keys moved, fewer than ${keys.length}`],
          [scripts === 0, 'the new node was not used'],
          [left.some(({ id }) => id === added.id), 'the node did not leave'],
        ],
        rows: [['keys moved to the new node', moved], ['scripts run by the new node', scripts], answered],
      }
    },
  },
  {
    name: 'cluster-failover',
    title: 'a replica takes the place of its master by hand (CLUSTER FAILOVER), and back',
    on: 'cluster',
    strike: async (cluster, stage) => {
      const key = firstKeyOf(stage)
      const former = await cluster.masterOf(key)
      const seer = await otherMaster(cluster, former)
      const before = await epochOf(cluster, seer, former)
      const fault = await cluster.failover(key)
      stage.mark('the replica is master')
      const successor = await cluster.masterOf(key)
      const epoch = await epochOf(cluster, seer, successor)
      await stage.pass(0.2)
      await fault.restore()
      stage.mark('it is a replica again')
      const last = await cluster.masterOf(key)
      return {
        checks: [
          [successor.id === former.id || epoch <= before, 'no replica took the place of the master'],
          [last.id !== former.id, 'the former master did not take its place again'],
        ],
        rows: [['configuration epoch', `${before} -> ${epoch}`], await redirected(cluster)],
      }
    },
  },
]
