import type { RealRedisBackend, RealRedisOptions, RealRedisVersion } from './real-redis-options.interface.js'
import { DEFAULT_VERSION, readVersion, releaseOf } from './server-version.js'

/** The variables through which a developer or a CI job chooses the server. */
export const REDIS_URL_VARIABLE = 'AGENT_MEMORY_TEST_REDIS_URL'
export const REDIS_IMAGE_VARIABLE = 'AGENT_MEMORY_TEST_REDIS_IMAGE'
export const REDIS_BINARY_VARIABLE = 'AGENT_MEMORY_TEST_REDIS_BINARY'
export const REDIS_VERSION_VARIABLE = 'AGENT_MEMORY_TEST_REDIS_VERSION'
export const BACKEND_VARIABLE = 'AGENT_MEMORY_TEST_BACKEND'

const BACKENDS: readonly RealRedisBackend[] = ['url', 'docker', 'binary']

type Environment = Readonly<Record<string, string | undefined>>

/** A variable that is set to nothing counts as not set. */
const read = (environment: Environment, name: string): string | undefined => {
  const value = environment[name]?.trim()
  return value === '' ? undefined : value
}

/** What the options and the environment say about the server to test against. */
export interface RedisEnvironment {
  readonly url: string | undefined
  readonly image: string
  readonly binary: string | undefined
  readonly backend: RealRedisBackend | undefined
  readonly version: RealRedisVersion | undefined
}

/** @throws Error when AGENT_MEMORY_TEST_BACKEND names no backend */
const readBackend = (environment: Environment): RealRedisBackend | undefined => {
  const value = read(environment, BACKEND_VARIABLE)
  const backend = BACKENDS.find((known) => known === value)
  if (value === undefined || backend !== undefined) return backend
  throw new Error(`${BACKEND_VARIABLE} must be one of ${BACKENDS.join(', ')}`)
}

/**
 * What is asked for comes before the variables.
 *
 * @throws Error when there is no such backend or version, or the image has no fixed version
 */
export const readRedisEnvironment = (
  asked: Pick<RealRedisOptions, 'backend' | 'version'> = {},
  environment: Environment = process.env,
): RedisEnvironment => {
  const version =
    readVersion('"version"', asked.version) ??
    readVersion(REDIS_VERSION_VARIABLE, read(environment, REDIS_VERSION_VARIABLE))
  const { image: official } = releaseOf(version ?? DEFAULT_VERSION)
  const image = read(environment, REDIS_IMAGE_VARIABLE) ?? official
  if (!/[:@][^/]+$/.test(image) || image.endsWith(':latest'))
    throw new Error(`${REDIS_IMAGE_VARIABLE} must name a version, as ${official} does, and not "latest"`)
  return {
    url: read(environment, REDIS_URL_VARIABLE),
    image,
    binary: read(environment, REDIS_BINARY_VARIABLE),
    backend: asked.backend ?? readBackend(environment),
    version,
  }
}
