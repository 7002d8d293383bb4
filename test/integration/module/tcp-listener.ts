import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** A TCP port that accepts every connection, never answers, and counts. */
export interface Listener {
  readonly port: number
  /** How many connections there have been. */
  readonly accepted: number
  /** How many are open. */
  readonly open: number
  close(): Promise<void>
}

export const listenTcp = async (): Promise<Listener> => {
  const sockets = new Set<Socket>()
  let accepted = 0
  const server = createServer((socket) => {
    accepted += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    // Without a reader the end of a connection is never seen.
    socket.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  const { port } = address
  return {
    port,
    get accepted() {
      return accepted
    },
    get open() {
      return sockets.size
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
