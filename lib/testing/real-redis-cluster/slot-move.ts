import type { Redis } from 'ioredis'
import { poll } from '../real-redis/poll.js'
import type { ClusterMembers, OwnNode } from './cluster-members.js'
import type { NodeView } from './node-view.js'
import type { Resharding, ReshardOptions } from './resharding.interface.js'
import { covers } from './slot-of.js'

const MIGRATE_TIMEOUT_MS = 5_000
const AGREE_TIMEOUT_MS = 10_000

/** A key of the slot that is still there, whatever bytes it is made of. */
const aKeyOf = async (admin: Redis, slot: number): Promise<Buffer | undefined> => {
  const keys: unknown = await admin.callBuffer('CLUSTER', 'GETKEYSINSLOT', slot, 1)
  const first: unknown = Array.isArray(keys) ? keys[0] : undefined
  return first instanceof Buffer ? first : undefined
}

/** Who hears from the others first that it has no slot any more may have become a replica by that. */
const unlessReplica = (error: Error): void => {
  if (!error.message.includes('only with masters')) throw error
}

/** Moves slots key by key, as a cluster does that is in use, and can stop in the middle. */
export class SlotMove implements Resharding {
  readonly #members: ClusterMembers
  readonly #to: OwnNode
  readonly #left: number[]
  /** Whose they were. */
  readonly #moved = new Map<number, OwnNode>()
  #movedKeys = 0

  constructor(members: ClusterMembers, slots: readonly number[], to: OwnNode) {
    this.#members = members
    this.#left = [...new Set(slots)]
    this.#to = to
  }

  get movedKeys(): number {
    return this.#movedKeys
  }

  get finished(): boolean {
    return this.#left.length === 0
  }

  async goOn({ stopAfter = Infinity }: Pick<ReshardOptions, 'stopAfter'> = {}): Promise<void> {
    const end = this.#movedKeys + stopAfter
    const views = await this.#members.views()
    for (let slot = this.#left[0]; slot !== undefined; slot = this.#left[0]) {
      const owner = views.find(({ slots }) => covers(slots, slot))
      if (owner === undefined) throw new Error(`RealRedisCluster.reshard(): nobody has slot ${slot}`)
      const from = this.#members.get(owner)
      if (from !== this.#to) {
        if (!(await this.#moveKeys(slot, from, end))) return
        await this.#handOver(slot, from, views)
        this.#moved.set(slot, from)
      }
      this.#left.shift()
    }
    await this.#agree()
  }

  async restore(): Promise<void> {
    await this.goOn()
    for (const owner of new Set(this.#moved.values())) {
      const slots = [...this.#moved.keys()].filter((slot) => this.#moved.get(slot) === owner)
      await new SlotMove(this.#members, slots, owner).goOn()
    }
    this.#moved.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.restore()
  }

  /** @returns whether that were all, or there may be more */
  async #moveKeys(slot: number, from: OwnNode, end: number): Promise<boolean> {
    const [source, target] = await Promise.all([from.member.admin(), this.#to.member.admin()])
    await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)
    await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', this.#to.id)
    while (this.#movedKeys < end) {
      const key = await aKeyOf(source, slot)
      if (key === undefined) return true
      const { port } = this.#to.member.plan
      const answer: unknown = await source.call('MIGRATE', '127.0.0.1', port, key, 0, MIGRATE_TIMEOUT_MS)
      // It may have expired on the way.
      if (answer === 'OK') this.#movedKeys += 1
    }
    return false
  }

  /** The new owner hears it first: at no time may a slot be nobody's. */
  async #handOver(slot: number, from: OwnNode, views: readonly NodeView[]): Promise<void> {
    const masters = new Set(views.filter(({ role }) => role === 'master').map(({ id }) => id))
    const others = this.#members.live().filter((node) => node !== this.#to && node !== from && masters.has(node.id))
    for (const { member } of [this.#to, from, ...others])
      await (await member.admin()).call('CLUSTER', 'SETSLOT', slot, 'NODE', this.#to.id).catch(unlessReplica)
  }

  /** Waits until every node knows whose the slots are. */
  async #agree(): Promise<void> {
    const agreed = await poll(async () => {
      const views = await this.#members.onLive((_, node) => this.#members.views(node))
      const all = views.every((nodes) => {
        const owner = nodes.find(({ id }) => id === this.#to.id)
        return owner !== undefined && [...this.#moved.keys()].every((slot) => covers(owner.slots, slot))
      })
      return all ? true : undefined
    }, AGREE_TIMEOUT_MS)
    if (agreed === undefined)
      throw new Error('RealRedisCluster.reshard(): the nodes do not agree on whose the slots are')
  }
}
