import type { Redis } from 'ioredis'
import type { Member } from '../server-set/member.js'
import { peerAddress } from '../server-set/peer-address.js'
import type { ServerSet } from '../server-set/server-set.interface.js'
import { NAME, planSentinelSet, type SetOptions } from './sentinel-plans.js'

/** What a Sentinel says of a server: names and values in turn. */
type Fields = ReadonlyMap<string, string>

const fieldsOf = (answer: unknown): Fields => {
  const flat = Array.isArray(answer) ? answer.map(String) : []
  return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])))
}

/** What one Sentinel sees. */
export interface SentinelView {
  readonly name: string
  readonly master: Fields
  readonly replicas: readonly Fields[]
}

/** The servers that we started: those that are watched, and those that watch. */
export class SentinelMembers {
  readonly set: ServerSet
  readonly watched: readonly Member[]
  readonly sentinels: readonly Member[]

  /** How many Sentinels it takes to elect a master. */
  readonly needed: number
  /** In ms. */
  readonly failoverTimeout: number

  private constructor(set: ServerSet, members: readonly Member[], { replicas, quorum, failoverTimeout }: SetOptions) {
    this.set = set
    this.watched = members.slice(0, 1 + replicas)
    this.sentinels = members.slice(1 + replicas)
    this.needed = Math.max(quorum, Math.floor(this.sentinels.length / 2) + 1)
    this.failoverTimeout = failoverTimeout
  }

  static async start(set: ServerSet, options: SetOptions): Promise<SentinelMembers> {
    const peer = set.backend === 'binary' ? peerAddress : () => undefined
    const count = 1 + options.replicas + options.sentinels
    const members = await set.start(count, (ports) => Promise.resolve(planSentinelSet(ports, options, peer)))
    return new SentinelMembers(set, members, options)
  }

  /** @throws Error when no Sentinel is up */
  async view(): Promise<SentinelView> {
    const [sentinel] = this.#live()
    if (sentinel === undefined) throw new Error('RealRedisSentinel: no Sentinel is up')
    return await viewOf(sentinel)
  }

  /** What each Sentinel sees that is up. */
  views(): Promise<SentinelView[]> {
    return Promise.all(this.#live().map(viewOf))
  }

  /** Runs something on every Sentinel that is up. */
  onSentinels<T>(work: (admin: Redis) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#live().map(async (sentinel) => work(await sentinel.admin())))
  }

  /** The server of a port, if it is one that is watched. */
  at(port: number): Member | undefined {
    return this.watched.find(({ plan }) => plan.port === port)
  }

  #live(): Member[] {
    return this.sentinels.filter(({ live }) => live)
  }
}

const viewOf = async (sentinel: Member): Promise<SentinelView> => {
  const admin = await sentinel.admin()
  const [master, replicas] = await Promise.all([
    admin.call('SENTINEL', 'MASTER', NAME),
    admin.call('SENTINEL', 'REPLICAS', NAME),
  ])
  return {
    name: sentinel.name,
    master: fieldsOf(master),
    replicas: Array.isArray(replicas) ? replicas.map(fieldsOf) : [],
  }
}

/** Who is master, as a Sentinel sees it. */
export const masterPort = ({ master }: SentinelView): number => Number(master.get('port'))
