import { FaultProxy, RealRedis } from 'nestjs-agent-memory/testing'
import { poll } from './poll.js'

/** A master with replicas, as servers of their own. */
export interface ReplicatedServers extends AsyncDisposable {
  readonly master: RealRedis
  readonly replicas: readonly RealRedis[]
  /** Between the master and its replicas. */
  readonly proxy: FaultProxy
  /** Resolves when the master has so many replicas that have all it has. */
  inSync(count: number): Promise<void>
  /** Stops a replica, and closes the connection that its kernel would go on to fill. */
  cutOff(replica: RealRedis): Promise<void>
}

const inSync = async (master: RealRedis, count: number): Promise<void> => {
  const client = master.client()
  await poll(async () => {
    const info = await client.info('replication')
    return [...info.matchAll(/^slave\d+:.*state=online/gm)].length === count
  })
  await client.set('here', '', 'PX', 1_000)
  await poll(async () => (await client.wait(count, 100)) === count)
  client.disconnect()
}

export const startReplicated = async (
  count: number,
  { args = [], replicaArgs = [] }: { readonly args?: readonly string[]; readonly replicaArgs?: readonly string[] } = {},
): Promise<ReplicatedServers> => {
  const shared = ['--repl-diskless-sync-delay', '0', '--save', '', ...args]
  const master = await RealRedis.start({ backend: 'binary', args: shared })
  const proxy = await FaultProxy.before(master)
  const replicaOf = ['--replicaof', proxy.host, String(proxy.port)]
  const replicas: RealRedis[] = []
  try {
    for (let index = 0; index < count; index++) {
      replicas.push(await RealRedis.start({ backend: 'binary', args: [...shared, ...replicaOf, ...replicaArgs] }))
    }
    await inSync(master, count)
  } catch (error) {
    await Promise.all([master, ...replicas].map((server) => server.stop()))
    throw error
  }
  return {
    master,
    replicas,
    proxy,
    inSync: (online) => inSync(master, online),
    cutOff: async (replica) => {
      await replica.pause()
      const client = master.client()
      await client.call('CLIENT', 'KILL', 'TYPE', 'replica')
      client.disconnect()
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([master, ...replicas].map((server) => server.stop()))
    },
  }
}
