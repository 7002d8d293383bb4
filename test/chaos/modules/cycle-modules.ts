import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { FaultProxy, RealRedis } from 'nestjs-agent-memory/testing'
import { moduleKinds, type Addresses } from './module-kinds.js'
import { holdsNoMore, measureResources, type Resources } from './resources.js'

export interface ModulesOutcome {
  readonly modules: number
  /** How many of each kind. */
  readonly made: Readonly<Record<string, number>>
  readonly before: Resources
  readonly after: Resources
  /** Heap after each tenth of the modules, in bytes. */
  readonly heaps: readonly number[]
}

const KINDS = Object.entries(moduleKinds)
/** Rounds of all kinds before anything is measured: what is loaded or compiled once is there then. */
const WARM_UP = 5
const SETTLES_WITHIN = 5_000

/** Until nothing is held that was not before; what is then still held is held for good. */
const settled = async (before: Resources, measure: () => Promise<Resources>): Promise<Resources> => {
  const end = performance.now() + SETTLES_WITHIN
  for (;;) {
    const now = await measure()
    if (holdsNoMore(before, now) || performance.now() > end) return now
    await sleep(50)
  }
}

/** Creates and destroys modules, one after the other, and looks at what is left of them. */
export const cycleModules = async (modules: number): Promise<ModulesOutcome> => {
  await using redis = await RealRedis.start({ backend: 'binary' })
  await using nobody = await FaultProxy.before(redis)
  await nobody.refuse()
  // Not a proxy's black hole: that one keeps its own connections to the server for what may arrive late.
  const silent = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const addresses: Addresses = {
    server: redis.url,
    nobody: nobody.url,
    silent: `redis://127.0.0.1:${(silent.address() as AddressInfo).port}`,
  }
  const client = redis.client()
  const measure = (): Promise<Resources> => measureResources(client)
  const made: Record<string, number> = {}
  const makeNext = async (number: number): Promise<void> => {
    const [name, make] = KINDS[number % KINDS.length]!
    await make(addresses, number)
    made[name] = (made[name] ?? 0) + 1
  }

  for (let number = 0; number < WARM_UP * KINDS.length; number++) await makeNext(number)
  for (const name of Object.keys(made)) delete made[name]
  // The connections of the last one may still be on their way out.
  await sleep(500)
  const before = await measure()
  const heaps: number[] = []
  for (let number = 0; number < modules; number++) {
    await makeNext(number)
    if ((number + 1) % Math.ceil(modules / 10) === 0) heaps.push((await measure()).heap)
  }
  const after = await settled(before, measure)
  silent.close()
  return { modules, made, before, after, heaps }
}
