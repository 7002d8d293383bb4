import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosTarget, FaultSize } from './chaos-fault.interface.js'

/** What can be taken back, as of the controls of a RealRedis. */
interface Fault {
  readonly restore: () => Promise<unknown>
}

/** A fault of the network that stays for its time. */
export const onNetwork =
  (begin: (target: ChaosTarget, amount: number) => unknown) =>
  async (target: ChaosTarget, { ms, amount }: FaultSize): Promise<void> => {
    await begin(target, amount)
    await sleep(ms)
    await target.proxy.restore()
  }

/** A fault of the server that stays for its time. */
export const onServer =
  (begin: (target: ChaosTarget) => Promise<Fault>) =>
  async (target: ChaosTarget, { ms }: FaultSize): Promise<void> => {
    const fault = await begin(target)
    await sleep(ms)
    await fault.restore()
  }
