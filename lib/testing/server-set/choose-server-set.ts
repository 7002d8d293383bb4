import { requireDocker } from '../real-redis/docker-backend.js'
import { BACKEND_VARIABLE, readRedisEnvironment } from '../real-redis/environment.js'
import { hasServerCommand, serverCommand } from '../real-redis/server-command.js'
import { ContainerServerSet } from './container-server-set.js'
import { OwnServerSet } from './own-server-set.js'
import type { ServerSet } from './server-set.interface.js'

const HOW_TO_GET_SERVERS = 'install redis-server, or start Docker (with the package testcontainers installed)'

/**
 * Where the servers of a set run: as asked for, or in the first place there is.
 *
 * @throws Error when there is none, or a server of somebody else is asked for
 */
export const chooseServerSet = async (kit: string, asked: ServerSet['backend'] | undefined): Promise<ServerSet> => {
  const { backend, image } = readRedisEnvironment()
  const chosen = asked ?? backend
  if (chosen === 'binary' || (chosen === undefined && hasServerCommand())) return new OwnServerSet(serverCommand())
  if (chosen === 'url')
    throw new Error(
      `${kit} starts servers of its own, { backend: 'binary' } or { backend: 'docker' }, and takes none by "url" (${BACKEND_VARIABLE})`,
    )
  await requireDocker(image).catch((cause: unknown) => {
    if (chosen === 'docker') throw cause
    throw new Error(`${kit} finds no server to start: ${HOW_TO_GET_SERVERS}`, { cause })
  })
  return new ContainerServerSet(image)
}
