import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import type { ChaosFault, ChaosTarget } from '../../chaos/faults/chaos-fault.interface.js'
import { FaultRun } from '../../chaos/faults/fault-run.js'
import type { PlannedFault } from '../../chaos/faults/plan-faults.js'

const TAKES_MS = 50

const planned = (acts: ChaosFault['acts'], at: number, strike: () => Promise<unknown>): PlannedFault => ({
  fault: { name: acts, acts, weight: 1, ms: [0, 0], amount: [1, 1], strike },
  at,
  ms: 0,
  amount: 1,
})

const failing = (message: string) => (): Promise<unknown> => Promise.reject(new Error(message))

const run = async (plan: readonly PlannedFault[]): Promise<FaultRun> => {
  const faults = new FaultRun({} as ChaosTarget)
  await faults.run(plan)
  return faults
}

it.each(['at once', 'on the server', 'on the network'] as const)('is over when its last fault %s is', async (acts) => {
  const faults = await run([planned(acts, 0, () => sleep(TAKES_MS))])
  expect([...faults.done]).toEqual([[acts, 1]])
})

it('leaves out what would last beside another of its kind, and nothing else', async () => {
  const slow = (): Promise<unknown> => sleep(TAKES_MS)
  const faults = await run([
    planned('on the server', 0, slow),
    planned('on the server', 1, slow),
    planned('on the network', 1, slow),
    planned('at once', 1, slow),
    planned('at once', 1, slow),
    planned('on the server', 3 * TAKES_MS, slow),
  ])
  expect(Object.fromEntries(faults.done)).toEqual({ 'on the server': 2, 'on the network': 1, 'at once': 2 })
  expect(faults.skipped).toBe(1)
})

it('says which faults could not be made, and leaves out what a busy server refused', async () => {
  const faults = await run([
    planned('at once', 0, failing('Connection is closed.')),
    planned('on the server', 0, failing('BUSY Redis is busy running a script')),
  ])
  expect(faults.failed).toEqual(['at once: Error: Connection is closed.'])
  expect([faults.skipped, faults.injected]).toEqual([1, 0])
})
