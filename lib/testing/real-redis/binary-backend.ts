import type { OwnServer } from './own-server.js'
import { startOwnServers } from './own-servers.js'
import type { RedisServer } from './redis-server.interface.js'
import type { ServerCommand } from './server-command.js'
import { IN_MEMORY, type ServerPlan } from './server-plan.js'
import { makeCertificates } from './tls/certificates.js'
import type { RealRedisTlsOptions } from './tls/tls-options.interface.js'
import { tlsPlan } from './tls/tls-plan.js'

/** Starts a server of our own. */
export const startBinary = async (command: ServerCommand, args: readonly string[]): Promise<RedisServer> => {
  const server = await startOne(command, 1, ([port = 0]) => ({ port, args: [...IN_MEMORY, ...args] }))
  return { backend: 'binary', url: server.url, process: server, stop: () => server.dispose() }
}

/** Starts a server of our own that clients reach by TLS. Without it, we reach it ourselves. */
export const startBinaryWithTls = async (
  command: ServerCommand,
  args: readonly string[],
  options: RealRedisTlsOptions,
): Promise<RedisServer> => {
  const certificates = await makeCertificates()
  let url = ''
  const server = await startOne(command, 2, ([port = 0, tlsPort = 0]) => {
    url = `rediss://127.0.0.1:${tlsPort}`
    const { args: ofTls, files } = tlsPlan(tlsPort, certificates, options)
    return { port, args: [...IN_MEMORY, ...ofTls, ...args], files }
  })
  return {
    backend: 'binary',
    url: server.url,
    tls: { url, certificates },
    process: server,
    stop: () => server.dispose(),
  }
}

const startOne = async (
  command: ServerCommand,
  ports: number,
  plan: (ports: readonly number[]) => ServerPlan,
): Promise<OwnServer> => {
  const [server] = await startOwnServers(command, ports, (free) => Promise.resolve([[plan(free)]]))
  if (server === undefined) throw new Error('no server was started')
  return server
}
