import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/**
 * Below the ports of the kit's servers and of outgoing connections: who has a port here and does not listen for a while finds
 * it free afterwards, unless another proxy takes it.
 */
const RANGE = { from: 10_000, to: 12_000 }
const ATTEMPTS = 100

/** A port of 127.0.0.1 that no other proxy takes, in whatever process: of a UDP socket, as TCP knows no port that is held and refuses. */
export class PortReservation {
  readonly #socket: Socket
  readonly port: number

  private constructor(socket: Socket, port: number) {
    this.#socket = socket
    this.port = port
  }

  /** @param fits whether the port is of use; another one is tried where it is not */
  static async make(fits: (port: number) => Promise<boolean>): Promise<PortReservation> {
    for (let attempts = ATTEMPTS; attempts > 0; attempts -= 1) {
      const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from))
      const reservation = await PortReservation.#of(port)
      if (reservation !== undefined && (await fits(port))) return reservation
      reservation?.release()
    }
    throw new Error('FaultProxy: no free port on 127.0.0.1')
  }

  static async #of(port: number): Promise<PortReservation | undefined> {
    const socket = createSocket('udp4').unref()
    socket.bind({ port, address: '127.0.0.1', exclusive: true })
    return await once(socket, 'listening').then(
      () => new PortReservation(socket, port),
      () => {
        socket.close()
        return undefined
      },
    )
  }

  release(): void {
    this.#socket.close()
  }
}
