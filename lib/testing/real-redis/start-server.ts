import { startBinary, startBinaryWithTls } from './binary-backend.js'
import { dockerObstacle, requireDocker, startContainer } from './docker-backend.js'
import { BACKEND_VARIABLE, readRedisEnvironment, REDIS_URL_VARIABLE } from './environment.js'
import { howToGet } from './how-to-get-redis.js'
import type { RealRedisOptions } from './real-redis-options.interface.js'
import type { RedisServer } from './redis-server.interface.js'
import { hasServerCommand, serverCommand } from './server-command.js'
import { labelOf } from './server-version.js'
import { useServerAt } from './url-backend.js'

const startAtUrl = (url: string | undefined, args: readonly string[]): RedisServer => {
  if (url === undefined) throw new Error(`the backend "url" needs ${REDIS_URL_VARIABLE}`)
  if (args.length > 0)
    throw new Error(
      `arguments cannot be given to the server in ${REDIS_URL_VARIABLE}: start one of your own with { backend: 'binary' } or { backend: 'docker' }`,
    )
  return useServerAt(url)
}

const startOwnContainer = async (image: string, args: readonly string[]): Promise<RedisServer> => {
  await requireDocker(image)
  return await startContainer(image, args)
}

const requireBinary = (backend: RealRedisOptions['backend']): void => {
  if (backend !== undefined && backend !== 'binary')
    throw new Error(`RealRedis.start({ tls }) needs { backend: 'binary' }; "${backend}" was asked for`)
}

/** The server of the backend that is asked for, or of the first one there is. */
export const startServer = async (options: RealRedisOptions): Promise<RedisServer> => {
  const environment = readRedisEnvironment(options)
  const args = options.args ?? []
  if (options.tls !== undefined && options.tls !== false) {
    requireBinary(options.backend)
    return await startBinaryWithTls(serverCommand(environment), args, options.tls === true ? {} : options.tls)
  }
  switch (environment.backend) {
    case 'url':
      return startAtUrl(environment.url, args)
    case 'docker':
      return await startOwnContainer(environment.image, args)
    case 'binary':
      return await startBinary(serverCommand(environment), args)
    case undefined:
      break
  }
  if (environment.url !== undefined) return startAtUrl(environment.url, args)
  const obstacle = await dockerObstacle(environment.image)
  if (obstacle === undefined) return await startContainer(environment.image, args)
  if (hasServerCommand(environment)) return await startBinary(serverCommand(environment), args)
  throw new Error(
    `there is no ${labelOf(environment.version)} to test against (Docker: ${obstacle}): ${howToGet(environment.version)}; ${BACKEND_VARIABLE} chooses one`,
  )
}
