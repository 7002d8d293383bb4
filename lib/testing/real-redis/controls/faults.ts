import { within } from '../within.js'
import type { ServerFault } from './server-fault.interface.js'

const TIMEOUT_MS = 5_000

/** Takes it back once, however often it is told to. */
export const faultOf = (undo: () => Promise<void>): ServerFault => {
  let undone: Promise<void> | undefined
  const restore = (): Promise<void> => {
    undone ??= undo()
    return undone
  }
  return { restore, [Symbol.asyncDispose]: restore }
}

/** What is to be taken back. */
export class Faults {
  readonly #faults = new Set<ServerFault>()

  /** Keeps in mind what is to be taken back; `undo` runs once. */
  add(undo: () => Promise<void>): ServerFault {
    const fault = faultOf(async () => {
      this.#faults.delete(fault)
      await undo()
    })
    this.#faults.add(fault)
    return fault
  }

  /** Takes back what is left, the last one first, as well as it can be in a bounded time. */
  async restoreAll(): Promise<void> {
    for (const fault of [...this.#faults].toReversed())
      await within(fault.restore(), TIMEOUT_MS, 'the server does not answer').catch(() => undefined)
    this.#faults.clear()
  }
}
