import type { RealRedisBackend } from './real-redis-options.interface.js'

/** The variables through which a developer or a CI job chooses the server. */
export const REDIS_URL_VARIABLE = 'AGENT_MEMORY_TEST_REDIS_URL'
export const REDIS_IMAGE_VARIABLE = 'AGENT_MEMORY_TEST_REDIS_IMAGE'
export const REDIS_BINARY_VARIABLE = 'AGENT_MEMORY_TEST_REDIS_BINARY'
export const BACKEND_VARIABLE = 'AGENT_MEMORY_TEST_BACKEND'

/** A fixed version: a test run of today and one of next year meet the same server. */
export const DEFAULT_REDIS_IMAGE = 'redis:7.4.2-alpine'

const BACKENDS: readonly RealRedisBackend[] = ['url', 'docker', 'binary']

type Environment = Readonly<Record<string, string | undefined>>

/** A variable that is set to nothing counts as not set. */
const read = (environment: Environment, name: string): string | undefined => {
  const value = environment[name]?.trim()
  return value === '' ? undefined : value
}

/** What the environment says about the server to test against. */
export interface RedisEnvironment {
  readonly url: string | undefined
  readonly image: string
  readonly binary: string | undefined
  readonly backend: RealRedisBackend | undefined
}

/** @throws Error when AGENT_MEMORY_TEST_BACKEND names no backend, or the image has no fixed version */
export const readRedisEnvironment = (environment: Environment = process.env): RedisEnvironment => {
  const backend = read(environment, BACKEND_VARIABLE)
  if (backend !== undefined && !BACKENDS.some((known) => known === backend))
    throw new Error(`${BACKEND_VARIABLE} must be one of ${BACKENDS.join(', ')}`)
  const image = read(environment, REDIS_IMAGE_VARIABLE) ?? DEFAULT_REDIS_IMAGE
  if (!/[:@][^/]+$/.test(image) || image.endsWith(':latest'))
    throw new Error(`${REDIS_IMAGE_VARIABLE} must name a version, as ${DEFAULT_REDIS_IMAGE} does, and not "latest"`)
  return {
    url: read(environment, REDIS_URL_VARIABLE),
    image,
    binary: read(environment, REDIS_BINARY_VARIABLE),
    backend: BACKENDS.find((known) => known === backend),
  }
}
