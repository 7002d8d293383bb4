import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Below what systems give to outgoing connections: who comes back after a while finds its port free. */
const RANGE = { from: 12_000, to: 32_000 }
const ATTEMPTS_FOR_EACH = 100

/** Listens on a port of 127.0.0.1; `false` when it is taken. */
export const listenOn = async (server: Server, port: number): Promise<boolean> => {
  server.listen(port, '127.0.0.1')
  return await once(server, 'listening').then(
    () => true,
    (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? false : Promise.reject(error)),
  )
}

const listenOnFree = async (server: Server): Promise<number> => {
  for (let attempts = ATTEMPTS_FOR_EACH; attempts > 0; attempts -= 1) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from))
    if (await listenOn(server, port)) return port
  }
  throw new Error('no free port on 127.0.0.1')
}

const close = async (server: Server): Promise<void> => {
  server.close()
  await once(server, 'close')
}

/** Different ones, for servers that are to come back on the same port. Another process may take them a moment later. */
export const freePorts = async (count: number): Promise<number[]> => {
  const held = Array.from({ length: count }, () => createServer())
  try {
    return await Promise.all(held.map(listenOnFree))
  } finally {
    await Promise.all(held.filter(({ listening }) => listening).map(close))
  }
}
