import { infoLine, readServerFacts, type ServerFacts } from './server-check.js'

/** A replica, as its master sees it. */
export interface ReplicaFacts {
  /** Whether it has all that came before, and gets what comes. */
  readonly online: boolean
  /** How long ago it was heard of, in ms. */
  readonly lagMs: number
}

/** What INFO says of how the server is. */
export interface ServerLoad extends ServerFacts {
  readonly role: 'master' | 'replica'
  /** Of a master: those that are connected. */
  readonly replicas: readonly ReplicaFacts[]
  /** Of a replica. */
  readonly master: { readonly link: 'up' | 'down'; readonly lagMs: number | undefined } | undefined
  /** What counts against `maxMemory`, in bytes. */
  readonly usedMemory: number
  /** In bytes; 0 for no limit. */
  readonly maxMemory: number
}

/** The sections in which it stands. */
export const LOAD_SECTIONS = ['server', 'memory', 'stats', 'replication'] as const

const numberOf = (info: string, name: string): number => Number(infoLine(info, name) ?? 0)

const replicasOf = (info: string): ReplicaFacts[] =>
  [...info.matchAll(/^slave\d+:.*?\bstate=(\w+).*?\blag=(-?\d+)/gm)].map(([, state, lag]) => ({
    online: state === 'online',
    lagMs: Math.max(0, Number(lag)) * 1_000,
  }))

const masterOf = (info: string): ServerLoad['master'] => {
  // -1 while there is no link.
  const seconds = numberOf(info, 'master_last_io_seconds_ago')
  return {
    link: infoLine(info, 'master_link_status') === 'up' ? 'up' : 'down',
    lagMs: seconds < 0 ? undefined : seconds * 1_000,
  }
}

export const readServerLoad = (info: string): ServerLoad => {
  const isReplica = infoLine(info, 'role') === 'slave'
  return {
    ...readServerFacts(info),
    role: isReplica ? 'replica' : 'master',
    replicas: isReplica ? [] : replicasOf(info),
    master: isReplica ? masterOf(info) : undefined,
    usedMemory: numberOf(info, 'used_memory') - numberOf(info, 'mem_not_counted_for_evict'),
    maxMemory: numberOf(info, 'maxmemory'),
  }
}
