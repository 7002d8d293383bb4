import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Below what systems give to outgoing connections: a server that comes back finds its port free. */
const RANGE = { from: 12_000, to: 32_000 }
const ATTEMPTS_FOR_EACH = 100

/** Listens on a port of 127.0.0.1; `undefined` when it is taken. */
const listenOn = async (port: number): Promise<Server | undefined> => {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  return await once(server, 'listening').then(
    () => server,
    () => undefined,
  )
}

const close = async (server: Server): Promise<void> => {
  server.close()
  await once(server, 'close')
}

/** A port of 127.0.0.1 that nobody listens on. Another process may take it a moment later. */
export const freePort = async (): Promise<number> => {
  const server = await listenOn(0)
  const address = server?.address()
  if (server === undefined || address === null || typeof address !== 'object')
    throw new Error('no free port on 127.0.0.1')
  await close(server)
  return address.port
}

/** Different ones, for servers that are to come back on the same port. As with `freePort`, they may be taken meanwhile. */
export const freePorts = async (count: number): Promise<number[]> => {
  const held = new Map<number, Server>()
  for (let attempts = count * ATTEMPTS_FOR_EACH; held.size < count && attempts > 0; attempts -= 1) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from))
    const server = held.has(port) ? undefined : await listenOn(port)
    if (server !== undefined) held.set(port, server)
  }
  await Promise.all([...held.values()].map(close))
  if (held.size < count) throw new Error(`no ${count} free ports on 127.0.0.1`)
  return [...held.keys()]
}
