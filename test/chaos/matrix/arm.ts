import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultProxy, InjectedFaults, RealRedis, ServerFault } from 'nestjs-agent-memory/testing'
import type { ArmedFault, MatrixFault, MatrixTarget } from './matrix-fault.interface.js'

interface NetworkFault {
  readonly begin: (proxy: FaultProxy) => unknown
  /** What the proxy counts when it happens. */
  readonly counted: keyof InjectedFaults
  /** Whether it happens to every operation, or to those that get that far. @default 'every' */
  readonly to?: 'every' | 'some'
  /** Whether requests that no one waits for arrive when it is over. @default false */
  readonly ghosts?: boolean
  /** Strikes when the calls are under way for a moment. */
  readonly meanwhile?: (proxy: FaultProxy) => unknown
}

export const A_MOMENT_MS = 15

/** A fault of the network, the same at every proxy. */
export const onNetwork =
  ({ begin, counted, to = 'every', ghosts = false, meanwhile }: NetworkFault): MatrixFault['arm'] =>
  async ({ proxies }) => {
    const before = proxies.map(({ faults }) => faults[counted])
    await Promise.all(proxies.map((proxy) => begin(proxy)))
    return {
      meanwhile: async () => {
        if (meanwhile === undefined) return
        await sleep(A_MOMENT_MS)
        await Promise.all(proxies.map((proxy) => meanwhile(proxy)))
      },
      happened: () => {
        const hit = proxies.map(({ faults }, index) => faults[counted] > before[index]!)
        return to === 'every' ? hit.every(Boolean) : hit.some(Boolean)
      },
      lift: () => Promise.all(proxies.map((proxy) => proxy.restore({ ghosts }))),
    }
  }

/** A number in what INFO says; 0 when it is not there. */
export const counted = async ({ admin }: MatrixTarget, section: string, pattern: RegExp): Promise<number> =>
  Number(pattern.exec(await admin.info(section))?.[1] ?? 0)

/** What the server does, or is done to it, that has it refuse with a word. */
export const refusing =
  (word: string, begin: (redis: RealRedis) => Promise<ServerFault | void>): MatrixFault['arm'] =>
  async (target) => {
    const pattern = new RegExp(`errorstat_${word}:count=(\\d+)`)
    const before = await counted(target, 'errorstats', pattern)
    const fault = await begin(target.redis)
    return {
      lift: async () => fault?.restore(),
      happened: async () => (await counted(target, 'errorstats', pattern)) > before,
    }
  }

/** A fault that is seen to be there by whoever brings it about. */
export const certain = (lift: () => Promise<unknown>, meanwhile?: () => Promise<unknown>): ArmedFault => ({
  lift,
  meanwhile,
  happened: () => true,
})

/** How many connections there were to the server in all; more, when clients had to come back. */
export const connectionsSoFar = (target: MatrixTarget): Promise<number> =>
  counted(target, 'stats', /total_connections_received:(\d+)/)
