import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosFault, ChaosTarget } from './chaos-fault.interface.js'
import type { PlannedFault } from './plan-faults.js'

const LASTING = ['on the network', 'on the server'] as const

/** Carries out a plan of faults, and counts what was done. */
export class FaultRun {
  readonly done = new Map<string, number>()
  /** Faults that were left out, because an earlier one took longer than planned, or kept the server busy. */
  skipped = 0
  readonly failed: string[] = []
  readonly #underWay = new Map<ChaosFault['acts'], Promise<void>>()

  constructor(private readonly target: ChaosTarget) {}

  get injected(): number {
    return [...this.done.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Resolves when all faults are over. */
  async run(plan: readonly PlannedFault[]): Promise<void> {
    const start = performance.now()
    for (const planned of plan) {
      await sleep(Math.max(0, start + planned.at - performance.now()))
      this.#begin(planned)
    }
    for (const acts of LASTING) await this.#underWay.get(acts)
  }

  #begin({ fault, ...size }: PlannedFault): void {
    const { acts, name } = fault
    if (this.#underWay.has(acts)) {
      this.skipped++
      return
    }
    const struck = fault.strike(this.target, size).then(
      () => this.#count(name),
      (error: unknown) => this.#leaveOut(name, error),
    )
    if (acts === 'at once') return
    this.#underWay.set(
      acts,
      struck.then(() => void this.#underWay.delete(acts)),
    )
  }

  #leaveOut(name: string, error: unknown): void {
    if (error instanceof Error && /^(BUSY|LOADING|MASTERDOWN)/.test(error.message)) this.skipped++
    else this.failed.push(`${name}: ${String(error)}`)
  }

  #count(name: string): void {
    this.done.set(name, (this.done.get(name) ?? 0) + 1)
  }
}
