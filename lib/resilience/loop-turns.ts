import { setImmediate } from 'node:timers/promises'

/** Turns of the event loop for work that would hold it up: in each of them goes on one of those who wait, and all else that is due. */
export class LoopTurns {
  private last: Promise<void> = Promise.resolve()

  /** Resolves in a turn that no other one of those who wait has. */
  next(): Promise<void> {
    const turn = this.last.then(() => setImmediate())
    this.last = turn
    return turn
  }
}
