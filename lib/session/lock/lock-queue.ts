import { MemoryShutdownError } from '../../errors/memory-shutdown.error.js'

/** The right of one caller of this process to ask for a session's lock, and to hold it. */
export interface LockTurn {
  /** Gives the turn to the next in line, after `pause` ms. Only the first call counts. */
  end(pause?: number): void
}

interface Waiter {
  begin(turn: LockTurn): void
  refuse(error: MemoryShutdownError): void
}

/**
 * The callers of this process that want a session's lock, one line for each session, first come, first served. Only the
 * first of a line asks Redis; so its lock goes from hand to hand here without a single question in vain.
 */
export class LockQueue {
  /** Whoever stands in line behind the one whose turn it is; no entry where it is nobody's turn. */
  private readonly lines = new Map<string, Waiter[]>()

  /** Resolves when it is the caller's turn; to `undefined` when that takes longer than `wait` ms. */
  enter(key: string, wait: number): Promise<LockTurn | undefined> {
    const line = this.lines.get(key)
    if (line === undefined) {
      this.lines.set(key, [])
      return Promise.resolve(this.turn(key))
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        begin: (turn) => {
          clearTimeout(timer)
          resolve(turn)
        },
        refuse: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      const timer = setTimeout(() => {
        line.splice(line.indexOf(waiter), 1)
        resolve(undefined)
      }, wait)
      line.push(waiter)
    })
  }

  /** Nobody waits any more: the application closes. */
  close(): void {
    for (const line of this.lines.values()) {
      for (const waiter of line.splice(0)) {
        waiter.refuse(new MemoryShutdownError('the application is closing: nothing new is started'))
      }
    }
  }

  private turn(key: string): LockTurn {
    let ended = false
    return {
      end: (pause = 0) => {
        if (ended) return
        ended = true
        if (pause === 0) this.next(key)
        // It does not keep the process: whoever waits behind it does, by a timer of its own.
        else setTimeout(() => this.next(key), pause).unref()
      },
    }
  }

  private next(key: string): void {
    const waiter = this.lines.get(key)?.shift()
    if (waiter === undefined) this.lines.delete(key)
    else waiter.begin(this.turn(key))
  }
}
