import type { Request } from './request.js'
import type { FaultScript } from './scripted-fault.js'

/** @publicApi */
export type Direction = 'requests' | 'replies'

/** The faults that wait for what comes next. */
export class FaultPlan {
  readonly #scripts = new Set<FaultScript>()
  /** Connections on which a reply is to be lost, or which are to be cut before a request. */
  drops = 0
  cuts = 0
  #resetDirection: Direction | undefined
  #bytesBeforeReset = 0

  get scripted(): boolean {
    return this.#scripts.size > 0
  }

  add(script: FaultScript): void {
    this.#scripts.add(script)
  }

  remove(script: FaultScript): void {
    this.#scripts.delete(script)
  }

  /** Every script counts the command; of those that are for it, the one that was there first happens. */
  strike(request: Request): FaultScript | undefined {
    let first: FaultScript | undefined
    for (const script of this.#scripts) if (script.isFor(request)) first ??= script
    if (first !== undefined) first.hits += 1
    return first
  }

  takeDrop(): boolean {
    if (this.drops <= 0) return false
    this.drops -= 1
    return true
  }

  takeCut(): boolean {
    if (this.cuts <= 0) return false
    this.cuts -= 1
    return true
  }

  resetAfter(bytes: number, direction: Direction): void {
    this.#resetDirection = direction
    this.#bytesBeforeReset = bytes
  }

  /** How many of the bytes still get through when the connection breaks down in them; `undefined` when it does not. */
  takeReset(bytes: number, direction: Direction): number | undefined {
    if (direction !== this.#resetDirection) return undefined
    const rest = this.#bytesBeforeReset
    this.#bytesBeforeReset -= bytes
    if (bytes < rest) return undefined
    this.#resetDirection = undefined
    return rest
  }

  clear(): void {
    this.#scripts.clear()
    this.drops = 0
    this.cuts = 0
    this.#resetDirection = undefined
  }
}
