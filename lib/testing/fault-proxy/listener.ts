import { createServer, type Server, type Socket } from 'node:net'
import { listenOn } from '../real-redis/free-port.js'
import { poll } from '../real-redis/poll.js'
import { PortReservation } from './port-reservation.js'

const LISTEN_TIMEOUT_MS = 5_000

/** A port of 127.0.0.1 on which listening can be stopped and taken up again. */
export class Listener {
  readonly #server: Server
  readonly #reservation: PortReservation
  #closed = false

  private constructor(server: Server, reservation: PortReservation) {
    this.#server = server
    this.#reservation = reservation
  }

  static async open(): Promise<Listener> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }).unref()
    return new Listener(server, await PortReservation.make((port) => listenOn(server, port)))
  }

  get port(): number {
    return this.#reservation.port
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
    const listens = await poll(async () => (await listenOn(this.#server, this.port)) || undefined, LISTEN_TIMEOUT_MS)
    if (listens === undefined) throw new Error(`FaultProxy: another process has taken port ${this.port}`)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.stop()
    this.#reservation.release()
  }
}
