import { Socket } from 'node:net'
import { Redis } from 'ioredis'

const TIMEOUT_MS = 5_000
const USER = 'agent-memory-control'

/** A server that nobody stopped must not keep a test run from ending; a command that is awaited does, by its time limit. */
export const keepsNoProcessAlive = (client: Redis): void => {
  client.on('connect', () => {
    if (client.stream instanceof Socket) client.stream.unref()
  })
}

/**
 * A connection with all rights to one server, opened when it is needed. Its user is its own, so that what is done to
 * others does not touch it.
 */
export class AdminConnection {
  #client: Promise<Redis> | undefined

  constructor(readonly url: string) {}

  get(): Promise<Redis> {
    this.#client ??= this.#connect()
    return this.#client
  }

  /** Closes it: the server ends, and with it the user. */
  async close(): Promise<void> {
    const opened = this.#client
    this.#client = undefined
    const client = await opened?.catch(() => undefined)
    client?.disconnect()
  }

  async #connect(): Promise<Redis> {
    const client = new Redis(this.url, {
      enableReadyCheck: false,
      connectTimeout: TIMEOUT_MS,
      commandTimeout: TIMEOUT_MS,
      disconnectTimeout: 100,
      retryStrategy: (times) => Math.min(20 * times, 200),
    })
    // Commands report what fails; without a listener ioredis prints each lost connection.
    client.on('error', () => undefined)
    keepsNoProcessAlive(client)
    try {
      const password = crypto.randomUUID()
      await client.call('ACL', 'SETUSER', USER, 'reset', 'on', `>${password}`, '~*', '&*', '+@all')
      await client.call('AUTH', USER, password)
      Object.assign(client.options, { username: USER, password })
      return client
    } catch (error) {
      client.disconnect()
      this.#client = undefined
      throw error
    }
  }
}
