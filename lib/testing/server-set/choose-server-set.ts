import { requireDocker } from '../real-redis/docker-backend.js'
import { BACKEND_VARIABLE, type RedisEnvironment } from '../real-redis/environment.js'
import { howToGetVersion } from '../real-redis/how-to-get-redis.js'
import { hasServerCommand, serverCommand } from '../real-redis/server-command.js'
import { labelOf } from '../real-redis/server-version.js'
import { ContainerServerSet } from './container-server-set.js'
import { OwnServerSet } from './own-server-set.js'
import type { ServerSet } from './server-set.interface.js'

const HOW_TO_GET_SERVERS = 'install redis-server, or start Docker (with the package testcontainers installed)'

/**
 * Where the servers of a set run: as asked for, or in the first place there is.
 *
 * @throws Error when there is none, or a server of somebody else is asked for
 */
export const chooseServerSet = async (kit: string, environment: RedisEnvironment): Promise<ServerSet> => {
  const { backend, image, version } = environment
  if (backend === 'binary' || (backend === undefined && hasServerCommand(environment)))
    return new OwnServerSet(serverCommand(environment))
  if (backend === 'url')
    throw new Error(
      `${kit} starts servers of its own, { backend: 'binary' } or { backend: 'docker' }, and takes none by "url" (${BACKEND_VARIABLE})`,
    )
  await requireDocker(image).catch((cause: unknown) => {
    if (backend === 'docker') throw cause
    const how = version === undefined ? HOW_TO_GET_SERVERS : howToGetVersion(version)
    throw new Error(`${kit} finds no ${version === undefined ? 'server' : labelOf(version)} to start: ${how}`, {
      cause,
    })
  })
  return new ContainerServerSet(image)
}
