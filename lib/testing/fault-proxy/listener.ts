import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { poll } from '../real-redis/poll.js'

const HOST = '127.0.0.1'
const LISTEN_TIMEOUT_MS = 5_000

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

/** A port of 127.0.0.1 on which listening can be stopped and taken up again. */
export class Listener {
  readonly #server: Server
  readonly port: number
  #closed = false

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
  }

  static async open(): Promise<Listener> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }).unref()
    server.listen(0, HOST)
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('FaultProxy: no free port on 127.0.0.1')
    return new Listener(server, address.port)
  }

  onConnection(accept: (client: Socket) => void): void {
    this.#server.on('connection', (client) => accept(client.unref()))
  }

  /** From its call on nobody listens; connections that were accepted stay. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    // The `close` event would wait for the connections. What listened is gone already when the call returns.
    this.#server.close()
    await new Promise(setImmediate)
  }

  async start(): Promise<void> {
    if (this.#closed || this.#server.listening) return
    // While nobody listened, a connection of another process may have got the port for its end, for a while.
    const listens = await poll(() => this.#tryToListen(), LISTEN_TIMEOUT_MS)
    if (listens === undefined) throw new Error(`FaultProxy: another process has taken port ${this.port}`)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.stop()
  }

  async #tryToListen(): Promise<true | undefined> {
    try {
      this.#server.listen(this.port, HOST)
      await once(this.#server, 'listening')
      return true
    } catch (error) {
      if (isPortTaken(error)) return undefined
      throw error
    }
  }
}
