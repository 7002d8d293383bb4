import type { Redis } from 'ioredis'
import type { ServerProcess } from '../server-process.interface.js'
import { AdminConnection } from './admin-connection.js'
import { Faults } from './faults.js'
import type { ServerFault } from './server-fault.interface.js'

/** What all controls of one server need: its process, a connection with all rights, and what is to be taken back. */
export class ServerControls {
  readonly #faults: Faults
  readonly #admin: AdminConnection

  constructor(
    readonly url: string,
    readonly process: ServerProcess,
    faults = new Faults(),
    /** Where clients connect to. */
    readonly clientUrl = url,
  ) {
    this.#faults = faults
    this.#admin = new AdminConnection(url)
  }

  /** The connection that controls the server; it is there before a fault can keep it out. */
  admin(): Promise<Redis> {
    return this.#admin.get()
  }

  /** Closes the connection that controls the server. */
  leave(): Promise<void> {
    return this.#admin.close()
  }

  /** Keeps in mind what is to be taken back; `undo` runs once. */
  fault(undo: () => Promise<void>): ServerFault {
    return this.#faults.add(undo)
  }

  /** Takes back what is left, the last one first, as well as it can be in a bounded time. */
  async restoreAll(): Promise<void> {
    await this.#faults.restoreAll()
    await this.leave()
  }
}
