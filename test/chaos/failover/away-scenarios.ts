import type { ClusterNode, RealRedisCluster } from 'nestjs-agent-memory/testing'
import { answers, HASTY, redirections } from './observe.js'
import type { ClusterScenario, SentinelScenario } from './scenario.interface.js'
import { sessionWhere } from './shard.js'

/** Nothing that was acknowledged may be gone when servers that were killed come back. */
export const ON_DISK = ['--appendonly', 'yes', '--appendfsync', 'always']

/** Ends a node without saving, as it ends that of which it is the last. */
const end = async (cluster: RealRedisCluster, node: ClusterNode): Promise<void> => {
  await cluster
    .nodeClient(node, HASTY)
    .shutdown('NOSAVE')
    .catch(() => undefined)
}

const upOf = async (cluster: RealRedisCluster, nodes: readonly ClusterNode[]): Promise<number> => {
  const up = await Promise.all(nodes.map((node) => answers(cluster.nodeClient(node, HASTY))))
  return up.filter(Boolean).length
}

export const clusterAwayScenarios: readonly ClusterScenario[] = [
  {
    name: 'cluster-away',
    title: 'all nodes of a cluster are down, and come back',
    on: 'cluster',
    args: ON_DISK,
    strike: async (cluster, stage) => {
      const nodes = await cluster.topology()
      await Promise.all(nodes.map((node) => end(cluster, node)))
      const up = await upOf(cluster, nodes)
      stage.mark('the fault is there')
      const before = await stage.appended()
      await stage.pass(0.4)
      const meanwhile = (await stage.appended()) - before
      await Promise.all(nodes.map((node) => cluster.restartNode(node, { keepData: true })))
      await cluster.settled()
      stage.mark('all are back')
      await stage.pass(0.1)
      return {
        checks: [
          [up > 0, `${up} nodes were up`],
          [(await stage.appended()) === before + meanwhile, 'nothing was acknowledged after the nodes came back'],
        ],
        rows: [
          ['nodes down', nodes.length],
          ['appends acknowledged meanwhile', meanwhile],
        ],
      }
    },
  },
  {
    name: 'cluster-ask',
    title: 'a slot is on its way to a node that is dead: ASK leads nowhere',
    on: 'cluster',
    strike: async (cluster, stage) => {
      const [shard] = stage.shards
      const taken = new Set(stage.keysOn(shard!).map((key) => cluster.slotOf(key)))
      const [[first]] = shard!.slots as [[number, number]]
      const slot = Array.from({ length: taken.size + 1 }, (_, index) => first + index).find((one) => !taken.has(one))!
      const from = (await cluster.topology()).find(({ slots }) =>
        slots.some(([low, high]) => low <= slot && slot <= high),
      )!
      const added = await cluster.addNode()
      const move = await cluster.reshard({ slots: [slot], to: added, stopAfter: 0 })
      await end(cluster, added)
      const gone = (await upOf(cluster, [added])) === 0
      stage.mark('the fault is there')
      stage.visit(
        Array.from({ length: 4 }, (_, index) => ({
          session: sessionWhere(stage.namespace, `asked-${index}`, (one) => one === slot),
          shard: 'asked',
        })),
      )
      await stage.pass(0.4)
      const answered = await redirections([cluster.nodeClient(from)])
      await cluster.restartNode(added, { keepData: true })
      await cluster.settled()
      stage.mark('all are back')
      await stage.pass(0.1)
      await move.restore()
      await cluster.removeNode(added)
      return {
        checks: [
          [!gone, 'the node was up'],
          [!answered.includes(' ASK'), 'the slot was not asked for'],
        ],
        rows: [
          ['answers of the node that had the slot', answered],
          ['keys moved afterwards', move.movedKeys],
        ],
      }
    },
  },
]

export const sentinelAwayScenarios: readonly SentinelScenario[] = [
  {
    name: 'sentinel-blind',
    title: 'all Sentinels are down while the master lives',
    on: 'sentinel',
    strike: async (set, stage) => {
      const { port } = await set.master()
      const fault = await set.killSentinels()
      stage.mark('the fault is there')
      const before = await stage.appended()
      await stage.pass(0.4)
      const meanwhile = (await stage.appended()) - before
      await fault.restore()
      await set.settled()
      return {
        checks: [
          [meanwhile === 0, 'nothing was acknowledged without Sentinels'],
          [(await set.master()).port !== port, 'the master is another one'],
        ],
        rows: [['appends acknowledged without Sentinels', meanwhile]],
      }
    },
  },
  {
    name: 'sentinel-away',
    title: 'all Sentinels and the master are down, and come back',
    on: 'sentinel',
    args: ON_DISK,
    strike: async (set, stage) => {
      const master = await set.master()
      const looking = set.serverClient(master, HASTY)
      await looking.ping()
      const fault = await set.killMaster()
      // Before they take it for dead.
      const sentinels = await set.killSentinels()
      const killed = !(await answers(looking))
      stage.mark('the fault is there')
      const before = await stage.appended()
      await stage.pass(0.4)
      const meanwhile = (await stage.appended()) - before
      await fault.restore()
      await sentinels.restore()
      await set.settled()
      stage.mark('all are back')
      await stage.pass(0.1)
      return {
        checks: [
          [!killed, 'the master was not killed'],
          [(await stage.appended()) === before + meanwhile, 'nothing was acknowledged after the servers came back'],
        ],
        rows: [['appends acknowledged meanwhile', meanwhile]],
      }
    },
  },
]
