import { setTimeout as sleep } from 'node:timers/promises'
import { A_MOMENT_MS, certain, connectionsSoFar, counted, onNetwork, refusing } from './arm.js'
import { until } from './until.js'
import { loadingAgain } from './loading-again.js'
import type { Expected, MatrixFault } from './matrix-fault.interface.js'

const AWAY = ['UNAVAILABLE', 'TIMEOUT']

/** Longer than any operation may take here. The server does not listen to UNPAUSE before it is over, either. */
const PAUSE_MS = 4_000

const always: Expected = { succeeds: 'always', codes: [] }
const perhaps: Expected = { succeeds: 'perhaps', codes: AWAY }
const never: Expected = { succeeds: 'never', codes: AWAY }
/** The server says no before it executes anything; what is repeated until the deadline may end with a TIMEOUT. */
const refused: Expected = { succeeds: 'never', codes: AWAY, executed: ['no'] }
const denied: Expected = { succeeds: 'never', codes: ['PERMISSION_DENIED'], executed: ['no'] }

const network: readonly MatrixFault[] = [
  {
    name: 'connections were cut before',
    arm: onNetwork({ begin: (proxy) => proxy.cut(), counted: 'cut' }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'connections are cut meanwhile',
    arm: onNetwork({
      begin: (proxy) => proxy.latency(2 * A_MOMENT_MS),
      meanwhile: (proxy) => proxy.cut(),
      counted: 'cut',
    }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'cut before forwarding, once',
    arm: onNetwork({ begin: (proxy) => proxy.cutBeforeForwarding(), counted: 'cutBefore' }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'cut before forwarding, always',
    arm: onNetwork({ begin: (proxy) => proxy.cutBeforeForwarding(Infinity), counted: 'cutBefore' }),
    reads: never,
    writes: never,
  },
  {
    name: 'reply lost, once',
    arm: onNetwork({ begin: (proxy) => proxy.dropReplies(), counted: 'droppedReplies' }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'replies lost, always',
    arm: onNetwork({ begin: (proxy) => proxy.dropReplies(Infinity), counted: 'droppedReplies' }),
    reads: never,
    writes: never,
  },
  {
    name: 'second reply lost',
    arm: onNetwork({ begin: (proxy) => proxy.on({ nth: 2 }, 'drop-reply'), counted: 'droppedReplies', to: 'some' }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'reply torn',
    arm: onNetwork({ begin: (proxy) => proxy.on({}, 'tear-reply'), counted: 'tornReplies' }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'request torn',
    arm: onNetwork({ begin: (proxy) => proxy.on({}, 'tear-request'), counted: 'tornRequests' }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'reset after 3 bytes of replies',
    arm: onNetwork({ begin: (proxy) => proxy.resetAfter(3, 'replies'), counted: 'resetAfter' }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'reset after 20 bytes of requests',
    arm: onNetwork({ begin: (proxy) => proxy.resetAfter(20, 'requests'), counted: 'resetAfter' }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'connections refused',
    arm: onNetwork({ begin: (proxy) => proxy.refuse(), counted: 'refused' }),
    reads: never,
    writes: never,
  },
  {
    name: 'black hole',
    arm: onNetwork({ begin: (proxy) => proxy.blackhole(), counted: 'blackholed' }),
    reads: never,
    writes: never,
  },
  {
    name: 'black hole, requests arrive late',
    arm: onNetwork({ begin: (proxy) => proxy.blackhole(), counted: 'blackholed', ghosts: true }),
    reads: never,
    writes: never,
  },
  {
    name: 'latency with jitter',
    arm: onNetwork({ begin: (proxy) => proxy.latency(2, { jitter: 10 }), counted: 'delayed' }),
    reads: always,
    writes: always,
  },
  {
    name: 'latency beyond the deadline',
    arm: onNetwork({ begin: (proxy) => proxy.latency(1_000), counted: 'delayed' }),
    reads: never,
    writes: never,
  },
  {
    name: 'slices of one byte',
    arm: onNetwork({ begin: (proxy) => proxy.slice(1), counted: 'slices' }),
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'narrow band',
    arm: onNetwork({ begin: (proxy) => proxy.bandwidth(4_000), counted: 'throttled' }),
    reads: perhaps,
    writes: perhaps,
  },
]

const server: readonly MatrixFault[] = [
  {
    name: 'SIGSTOP',
    arm: async ({ redis }) => {
      const { restore } = await redis.pause()
      return certain(restore)
    },
    reads: never,
    writes: never,
  },
  {
    name: 'SIGSTOP for a moment',
    arm: async ({ redis }) => {
      const { restore } = await redis.pause()
      return certain(restore, async () => {
        await sleep(4 * A_MOMENT_MS)
        await redis.resume()
      })
    },
    reads: always,
    writes: always,
  },
  {
    name: 'server killed',
    arm: async ({ redis }) => {
      await redis.kill()
      return certain(() => redis.restart({ keepData: true }))
    },
    reads: never,
    writes: never,
  },
  {
    name: 'server killed meanwhile, and back',
    arm: async ({ redis, proxies }) => {
      for (const proxy of proxies) proxy.latency(A_MOMENT_MS)
      const lift = (): Promise<unknown> => Promise.all(proxies.map((proxy) => proxy.restore()))
      return certain(lift, async () => {
        await sleep(A_MOMENT_MS)
        await redis.kill()
        await redis.restart({ keepData: true })
      })
    },
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'LOADING',
    arm: ({ admin }) => loadingAgain(admin),
    reads: never,
    writes: never,
  },
  {
    name: 'BUSY',
    arm: refusing('BUSY', (redis) => redis.busy()),
    reads: refused,
    writes: refused,
  },
  {
    name: 'READONLY',
    arm: refusing('READONLY', (redis) => redis.readOnly()),
    reads: always,
    writes: refused,
  },
  {
    name: 'MASTERDOWN',
    arm: refusing('MASTERDOWN', (redis) => redis.readOnly({ staleReads: false })),
    reads: refused,
    writes: refused,
  },
  {
    name: 'NOREPLICAS',
    arm: refusing('NOREPLICAS', (redis) => redis.noReplicas()),
    reads: always,
    writes: refused,
  },
  {
    name: 'MISCONF',
    arm: refusing('MISCONF', (redis) => redis.misconf()),
    reads: always,
    writes: refused,
  },
  {
    name: 'out of memory',
    arm: async (target) => {
      const { admin } = target
      const refusals = () => counted(target, 'errorstats', /errorstat_OOM:count=(\d+)/)
      const before = await refusals()
      await admin.config('SET', 'maxmemory', '1')
      return {
        lift: () => admin.config('SET', 'maxmemory', '0'),
        happened: async () => (await refusals()) > before,
      }
    },
    reads: always,
    // What frees memory may be let through.
    writes: { succeeds: 'perhaps', codes: ['SERVER_FULL'] },
  },
  {
    name: 'too many clients',
    arm: async (target) => {
      const rejections = () => counted(target, 'stats', /rejected_connections:(\d+)/)
      const before = await rejections()
      const { restore } = await target.redis.maxClients(1)
      for (const proxy of target.proxies) proxy.cut()
      // Whoever is there already may stay, so it begins when the first one comes back.
      await until(async () => (await rejections()) > before, 'nobody is turned away')
      return certain(restore)
    },
    reads: never,
    writes: never,
  },
  {
    name: 'SCRIPT FLUSH',
    arm: refusing('NOSCRIPT', (redis) => redis.scriptFlush()),
    reads: always,
    writes: always,
  },
  {
    name: 'CLIENT KILL meanwhile',
    arm: async (target) => {
      const { proxies, admin } = target
      const before = await connectionsSoFar(target)
      for (const proxy of proxies) proxy.latency(A_MOMENT_MS)
      return {
        meanwhile: async () => {
          await sleep(A_MOMENT_MS)
          await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
        },
        lift: () => Promise.all(proxies.map((proxy) => proxy.restore())),
        happened: async () => (await connectionsSoFar(target)) > before,
      }
    },
    reads: perhaps,
    writes: perhaps,
  },
  {
    name: 'CLIENT PAUSE',
    arm: async ({ admin }) => {
      await admin.client('PAUSE', PAUSE_MS, 'ALL')
      return certain(() => admin.ping())
    },
    reads: never,
    writes: never,
  },
  {
    name: 'NOPERM',
    arm: refusing('NOPERM', (redis) => redis.aclUser({ name: 'default', rules: ['-@scripting'] })),
    reads: denied,
    writes: denied,
  },
  {
    name: 'password changed, connections cut',
    arm: async ({ redis, proxies }) => {
      const { restore } = await redis.rotatePassword('default', 'another')
      for (const proxy of proxies) proxy.cut()
      return certain(restore)
    },
    reads: { succeeds: 'never', codes: ['PERMISSION_DENIED', ...AWAY] },
    writes: { succeeds: 'never', codes: ['PERMISSION_DENIED', ...AWAY] },
  },
]

/** Every fault of the matrix. */
export const matrixFaults: readonly MatrixFault[] = [...network, ...server]
