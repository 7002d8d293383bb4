import { connect, createServer, type Server, type Socket } from 'node:net'
import { listenOn } from '../real-redis/free-port.js'
import { poll } from '../real-redis/poll.js'
import { isPeerAddress } from './peer-address.js'

const LISTEN_TIMEOUT_MS = 5_000

/**
 * Stands on 127.0.0.1 where a server has listened that now listens elsewhere: clients get through to it, and its peers
 * get no answer. It keeps no process alive.
 */
export class Gate {
  readonly #port: number
  readonly #behind: string
  readonly #server: Server
  readonly #held = new Set<Socket>()

  constructor(port: number, behind: string) {
    this.#port = port
    this.#behind = behind
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#receive(socket.unref()),
    ).unref()
  }

  async close(): Promise<void> {
    if (this.#server.listening) {
      // The `close` event would wait for the clients that were let in, who stay.
      this.#server.close()
      await new Promise(setImmediate)
    }
    for (const peer of this.#held) peer.destroy()
  }

  /** The server may not have let go of the port yet. */
  async open(): Promise<void> {
    const listens = await poll(async () => (await listenOn(this.#server, this.#port)) || undefined, LISTEN_TIMEOUT_MS)
    if (listens === undefined) throw new Error(`port ${this.#port} was not to be had`)
  }

  #receive(socket: Socket): void {
    socket.on('error', () => undefined)
    if (isPeerAddress(socket.remoteAddress)) this.#hold(socket)
    else this.#forward(socket)
  }

  #hold(peer: Socket): void {
    this.#held.add(peer)
    peer.on('close', () => this.#held.delete(peer))
  }

  #forward(client: Socket): void {
    const server = connect({ host: this.#behind, port: this.#port, noDelay: true, allowHalfOpen: true }).unref()
    server.on('error', () => client.destroy())
    server.on('close', () => client.destroy())
    client.on('close', () => server.destroy())
    client.pipe(server)
    server.pipe(client)
  }
}
