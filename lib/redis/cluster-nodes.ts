import { Command, type Cluster, type Redis } from 'ioredis'

/** A client of one server, be it found by sentinels, or of all servers of a cluster. */
export type Client = Redis | Cluster

export const isCluster = (client: Client): client is Cluster => client.isCluster

/** One server is one node. */
export const ONLY = ''

/** Which node serves a key, as far as is known: the same text for the same node. */
export const nodeNameOf = (client: Client | undefined, key: string): string => {
  if (client === undefined || !isCluster(client)) return ONLY
  return nodeNameOfSlot(client, slotOf(key))
}

export const slotOf = (key: string): number => new Command('get', [key]).getSlot() ?? 0

/** The names of the nodes that have a key, its master first, as far as they are known. */
export const nodeNamesOfKey = ({ slots }: Cluster, key: string): readonly string[] => slots[slotOf(key)] ?? []

export const nodeNameOfSlot = ({ slots }: Cluster, slot: number): string => slots[slot]?.[0] ?? ONLY

/** Which node serves which slots, as one text. */
export const slotsOf = ({ slots }: Cluster): string =>
  slots.reduce(
    (text, [master = ONLY], slot) => (slots[slot - 1]?.[0] === master ? text : `${text}${slot} ${master} `),
    '',
  )

/** The names of the nodes that have slots, as far as is known; one server has all of them. */
export const nodeNamesOf = (client: Client | undefined): ReadonlySet<string> =>
  client !== undefined && isCluster(client)
    ? new Set(client.slots.flatMap((nodes) => nodes?.[0] ?? []))
    : new Set([ONLY])

/** How a node is called that was found in the cluster. */
export const nameOfNode = (client: Client, { options: { host, port } }: Redis): string =>
  isCluster(client) ? `${host}:${port}` : ONLY

/** Those that take writes. */
export const mastersOf = (client: Client): readonly Redis[] => (isCluster(client) ? client.nodes('master') : [client])

/** What INFO says of the server that serves a key. @throws where the cluster has no connection to it */
export const infoOf = async (client: Client, key: string, ...sections: readonly string[]): Promise<string> => {
  const node = nodeOf(client, key)
  if (node === undefined) throw new Error('Connection is closed.')
  return node.info(...(sections as []))
}

/** The connection to the node that serves a key; `undefined` while there is none. */
export const nodeOf = (client: Client, key: string): Redis | undefined => {
  if (!isCluster(client)) return client
  const name = nodeNameOf(client, key)
  return client.nodes('master').find((node) => nameOfNode(client, node) === name)
}
