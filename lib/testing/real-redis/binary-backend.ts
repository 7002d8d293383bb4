import { startOwnServers } from './own-servers.js'
import type { RedisServer } from './redis-server.interface.js'
import type { ServerCommand } from './server-command.js'
import { IN_MEMORY } from './server-plan.js'

/** Starts a server of our own. */
export const startBinary = async (command: ServerCommand, args: readonly string[]): Promise<RedisServer> => {
  const [server] = await startOwnServers(command, 1, ([port = 0]) =>
    Promise.resolve([[{ port, args: [...IN_MEMORY, ...args] }]]),
  )
  if (server === undefined) throw new Error('no server was started')
  return { backend: 'binary', url: server.url, process: server, stop: () => server.dispose() }
}
