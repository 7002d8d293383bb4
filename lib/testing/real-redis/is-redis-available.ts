import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { readRedisEnvironment } from './environment.js'
import { findBinary } from './find-binary.js'
import type { RealRedisOptions } from './real-redis-options.interface.js'
import { hasServerCommand } from './server-command.js'

const TIMEOUT_MS = 130_000

/** Does what the start would do: an engine, then the image, pulled if need be. Exits with 1 where that fails. */
const LOOK_FOR_DOCKER = `
const { getContainerRuntimeClient, ImageName } = require(process.argv[1])
const image = ImageName.fromString(process.argv[2])
getContainerRuntimeClient()
  .then(async (runtime) => { if (!(await runtime.image.exists(image))) await runtime.image.pull(image) })
  .then(() => process.exit(0), () => process.exit(1))
`

const findTestcontainers = (): string | undefined => {
  try {
    return createRequire(import.meta.url).resolve('testcontainers')
  } catch {
    return undefined
  }
}

/** In a process of its own, because Testcontainers answers asynchronously only. */
const isDockerAvailable = (image: string): boolean => {
  const testcontainers = findTestcontainers()
  if (testcontainers === undefined) return false
  const { status } = spawnSync(process.execPath, ['-e', LOOK_FOR_DOCKER, testcontainers, image], {
    stdio: 'ignore',
    timeout: TIMEOUT_MS,
  })
  return status === 0
}

/**
 * Whether RealRedis can be started, for runners that must know it while suites are collected. A backend that is asked
 * for, a URL that is set and a version in the environment count as available without a look: their absence is an error,
 * not a reason to skip. With a `version` in the options it looks whether the backend has it, unless that is `url`.
 *
 * @publicApi
 */
export const isRedisAvailable = (options: Pick<RealRedisOptions, 'backend' | 'version' | 'tls'> = {}): boolean => {
  const environment = readRedisEnvironment(options)
  if (options.backend === undefined && options.tls !== undefined && options.tls !== false)
    return hasServerCommand(environment)
  const { backend = environment.url === undefined ? undefined : 'url', version, image } = environment
  if (backend === 'url') return true
  if (options.version === undefined)
    return (backend ?? version) !== undefined || hasServerCommand(environment) || isDockerAvailable(image)
  return (
    (backend !== 'docker' && findBinary(environment) !== undefined) ||
    (backend !== 'binary' && isDockerAvailable(image))
  )
}
