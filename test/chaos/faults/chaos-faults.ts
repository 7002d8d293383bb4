import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosFault } from './chaos-fault.interface.js'
import { onNetwork, onServer } from './lasting.js'

type AtOnce = Pick<ChaosFault, 'name' | 'weight' | 'strike'>
type OnTheServer = AtOnce & Pick<ChaosFault, 'ms'>
type OnTheNetwork = OnTheServer & Pick<ChaosFault, 'amount'>

const MOMENT = [0, 0] as const
const FEW = [1, 6] as const
const A_WHILE = [50, 400] as const

const atOnce: readonly AtOnce[] = [
  {
    name: 'all connections cut',
    strike: ({ proxy }) => Promise.resolve(proxy.cut()),
    weight: 3,
  },
  {
    name: 'replies lost after execution',
    strike: ({ proxy }, { amount }) => Promise.resolve(proxy.dropReplies(amount)),
    weight: 4,
  },
  {
    name: 'cut before forwarding',
    strike: ({ proxy }, { amount }) => Promise.resolve(proxy.cutBeforeForwarding(amount)),
    weight: 3,
  },
  {
    name: 'reply torn',
    strike: ({ proxy }, { amount }) => Promise.resolve(proxy.on({ command: 'EVALSHA', nth: amount }, 'tear-reply')),
    weight: 2,
  },
  {
    name: 'request torn',
    strike: ({ proxy }, { amount }) => Promise.resolve(proxy.on({ command: 'EVALSHA', nth: amount }, 'tear-request')),
    weight: 2,
  },
  {
    name: 'reset after some bytes of replies',
    strike: ({ proxy }, { amount }) => Promise.resolve(proxy.resetAfter(amount * 700, 'replies')),
    weight: 2,
  },
  {
    name: 'reset after some bytes of requests',
    strike: ({ proxy }, { amount }) => Promise.resolve(proxy.resetAfter(amount * 900, 'requests')),
    weight: 2,
  },
  {
    name: 'SCRIPT FLUSH',
    strike: ({ admin }) => admin.script('FLUSH'),
    weight: 3,
  },
  {
    name: 'CLIENT KILL',
    // Not the connection of the controls, which could not come back to a server that is out of clients.
    strike: ({ admin }) => admin.call('CLIENT', 'KILL', 'USER', 'default', 'SKIPME', 'yes'),
    weight: 2,
  },
]

const onTheNetwork: readonly OnTheNetwork[] = [
  {
    name: 'black hole',
    strike: onNetwork(({ proxy }) => proxy.blackhole()),
    weight: 3,
    ms: [100, 800],
    amount: FEW,
  },
  {
    name: 'latency with jitter',
    strike: onNetwork(({ proxy }, amount) => proxy.latency(amount, { jitter: 3 * amount })),
    weight: 3,
    ms: A_WHILE,
    amount: [1, 20],
  },
  {
    name: 'slices of one byte',
    strike: onNetwork(({ proxy }) => proxy.slice(1)),
    weight: 2,
    ms: [50, 200],
    amount: FEW,
  },
  {
    name: 'narrow band',
    strike: onNetwork(({ proxy }, amount) => proxy.bandwidth(amount * 10_000)),
    weight: 1,
    ms: A_WHILE,
    amount: FEW,
  },
  {
    name: 'connections refused',
    strike: onNetwork(({ proxy }) => proxy.refuse()),
    weight: 2,
    ms: [50, 300],
    amount: FEW,
  },
]

const onTheServer: readonly OnTheServer[] = [
  {
    name: 'SIGSTOP',
    strike: onServer(({ redis }) => redis.pause()),
    weight: 3,
    ms: [50, 700],
  },
  {
    name: 'busy with a script',
    strike: onServer(({ redis }) => redis.busy()),
    weight: 2,
    ms: A_WHILE,
  },
  {
    name: 'READONLY',
    strike: onServer(({ redis }) => redis.readOnly()),
    weight: 1,
    ms: A_WHILE,
  },
  {
    name: 'MASTERDOWN',
    strike: onServer(({ redis }) => redis.readOnly({ staleReads: false })),
    weight: 1,
    ms: A_WHILE,
  },
  {
    name: 'NOREPLICAS',
    strike: onServer(({ redis }) => redis.noReplicas()),
    weight: 1,
    ms: A_WHILE,
  },
  {
    name: 'MISCONF',
    strike: onServer(({ redis }) => redis.misconf()),
    weight: 1,
    ms: A_WHILE,
  },
  {
    name: 'out of memory',
    strike: onServer(async ({ admin }) => {
      await admin.config('SET', 'maxmemory', '1')
      return { restore: () => admin.config('SET', 'maxmemory', '0') }
    }),
    weight: 2,
    ms: A_WHILE,
  },
  {
    name: 'too many clients',
    strike: onServer(async ({ redis, proxy }) => {
      const fault = await redis.maxClients(1)
      proxy.cut()
      return fault
    }),
    weight: 1,
    ms: A_WHILE,
  },
  {
    name: 'CLIENT PAUSE',
    strike: async ({ admin }, { ms }) => {
      await admin.client('PAUSE', ms, 'WRITE')
      await sleep(ms)
    },
    weight: 1,
    ms: A_WHILE,
  },
  {
    name: 'kill -9, back with its data',
    strike: async ({ redis, beforeRestart }, { ms }) => {
      await beforeRestart()
      await redis.kill()
      await sleep(ms)
      await redis.restart({ keepData: true })
    },
    weight: 2,
    ms: [0, 200],
  },
]

/** Every kind of fault of the chaos run. None of them makes a server lose what it has acknowledged. */
export const chaosFaults: readonly ChaosFault[] = [
  ...atOnce.map((fault) => ({ ...fault, acts: 'at once' as const, ms: MOMENT, amount: FEW })),
  ...onTheNetwork.map((fault) => ({ ...fault, acts: 'on the network' as const })),
  ...onTheServer.map((fault) => ({ ...fault, acts: 'on the server' as const, amount: FEW })),
]
