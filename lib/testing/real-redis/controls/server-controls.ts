import { Socket } from 'node:net'
import { Redis } from 'ioredis'
import type { ServerProcess } from '../server-process.interface.js'
import { within } from '../within.js'
import type { ServerFault } from './server-fault.interface.js'

const TIMEOUT_MS = 5_000
const USER = 'agent-memory-control'

/** A server that nobody stopped must not keep a test run from ending; a command that is awaited does, by its time limit. */
export const keepsNoProcessAlive = (client: Redis): void => {
  client.on('connect', () => {
    if (client.stream instanceof Socket) client.stream.unref()
  })
}

/** What all controls of one server need: its process, a connection with all rights, and what is to be taken back. */
export class ServerControls {
  readonly #faults = new Set<ServerFault>()
  #admin: Promise<Redis> | undefined

  constructor(
    readonly url: string,
    readonly process: ServerProcess,
  ) {}

  /**
   * The connection that controls the server; it is there before a fault can keep it out. Its user is its own, so that what
   * is done to others does not touch it.
   */
  admin(): Promise<Redis> {
    this.#admin ??= this.#connect()
    return this.#admin
  }

  /** Closes the connection: the server ends, and with it the user. */
  async leave(): Promise<void> {
    const admin = this.#admin
    this.#admin = undefined
    const client = await admin?.catch(() => undefined)
    client?.disconnect()
  }

  /** Keeps in mind what is to be taken back; `undo` runs once. */
  fault(undo: () => Promise<void>): ServerFault {
    let undone: Promise<void> | undefined
    const restore = (): Promise<void> => {
      this.#faults.delete(fault)
      undone ??= undo()
      return undone
    }
    const fault: ServerFault = { restore, [Symbol.asyncDispose]: restore }
    this.#faults.add(fault)
    return fault
  }

  /** Takes back what is left, the last one first, as well as it can be in a bounded time. */
  async restoreAll(): Promise<void> {
    for (const fault of [...this.#faults].toReversed())
      await within(fault.restore(), TIMEOUT_MS, 'the server does not answer').catch(() => undefined)
    this.#faults.clear()
    await this.leave()
  }

  async #connect(): Promise<Redis> {
    const admin = new Redis(this.url, {
      enableReadyCheck: false,
      connectTimeout: TIMEOUT_MS,
      commandTimeout: TIMEOUT_MS,
      disconnectTimeout: 100,
      retryStrategy: (times) => Math.min(20 * times, 200),
    })
    // Commands report what fails; without a listener ioredis prints each lost connection.
    admin.on('error', () => undefined)
    keepsNoProcessAlive(admin)
    try {
      const password = crypto.randomUUID()
      await admin.call('ACL', 'SETUSER', USER, 'reset', 'on', `>${password}`, '~*', '&*', '+@all')
      await admin.call('AUTH', USER, password)
      Object.assign(admin.options, { username: USER, password })
      return admin
    } catch (error) {
      admin.disconnect()
      this.#admin = undefined
      throw error
    }
  }
}
