import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosFault, ChaosTarget } from './chaos-fault.interface.js'
import type { PlannedFault } from './plan-faults.js'

/** Carries out a plan of faults, and counts what was done. */
export class FaultRun {
  readonly done = new Map<string, number>()
  /** Faults that were left out, because an earlier one took longer than planned, or kept the server busy. */
  skipped = 0
  readonly failed: string[] = []
  /** Of those that last. */
  readonly #underWay = new Set<ChaosFault['acts']>()

  constructor(private readonly target: ChaosTarget) {}

  get injected(): number {
    return [...this.done.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Resolves when all faults are over. */
  async run(plan: readonly PlannedFault[]): Promise<void> {
    const start = performance.now()
    const struck: Promise<void>[] = []
    for (const planned of plan) {
      await sleep(Math.max(0, start + planned.at - performance.now()))
      struck.push(this.#strike(planned))
    }
    // Also those that strike at once: their command may wait for a server that comes back.
    await Promise.all(struck)
  }

  async #strike({ fault, ...size }: PlannedFault): Promise<void> {
    const { acts, name } = fault
    if (this.#underWay.has(acts)) {
      this.skipped++
      return
    }
    if (acts !== 'at once') this.#underWay.add(acts)
    try {
      await fault.strike(this.target, size)
      this.done.set(name, (this.done.get(name) ?? 0) + 1)
    } catch (error) {
      this.#leaveOut(name, error)
    } finally {
      this.#underWay.delete(acts)
    }
  }

  #leaveOut(name: string, error: unknown): void {
    if (error instanceof Error && /^(BUSY|LOADING|MASTERDOWN)/.test(error.message)) this.skipped++
    else this.failed.push(`${name}: ${String(error)}`)
  }
}
