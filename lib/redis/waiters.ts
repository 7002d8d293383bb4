import type { MemoryError } from '../errors/memory.error.js'
import type { Client } from './cluster-nodes.js'
import type { Deadline } from './deadline.js'

interface Waiter {
  resolve(client: Client): void
  reject(error: MemoryError): void
}

/** The calls that wait for a connection. */
export class Waiters {
  private waiting = new Set<Waiter>()

  /** @throws DeadlineExceeded, or what it was told */
  async wait(deadline: Deadline): Promise<Client> {
    let waiter: Waiter | undefined
    const usable = new Promise<Client>((resolve, reject) => {
      waiter = { resolve, reject }
      this.waiting.add(waiter)
    })
    try {
      return await deadline.race(usable)
    } finally {
      this.waiting.delete(waiter!)
    }
  }

  use(client: Client): void {
    this.settle((waiter) => waiter.resolve(client))
  }

  refuse(error: MemoryError): void {
    this.settle((waiter) => waiter.reject(error))
  }

  private settle(settle: (waiter: Waiter) => void): void {
    const { waiting } = this
    this.waiting = new Set()
    for (const waiter of waiting) settle(waiter)
  }
}
