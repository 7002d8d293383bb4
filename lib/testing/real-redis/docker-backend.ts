import type { StartedTestContainer } from 'testcontainers'
import { isError } from '../../errors/is-error.js'
import type { RedisServer } from './redis-server.interface.js'
import { IN_MEMORY } from './server-plan.js'
import { within } from './within.js'

const PULL_TIMEOUT_MS = 120_000
const START_TIMEOUT_MS = 60_000
const PORT = 6379

// Loaded when it is needed: an optional peer, and slow to load.
export const loadTestcontainers = (): Promise<typeof import('testcontainers')> =>
  import('testcontainers').catch((cause: unknown) => {
    throw new Error('the package testcontainers is not installed (npm install --save-dev testcontainers)', { cause })
  })

const reasonOf = (error: unknown): string => (isError(error) ? error.message : String(error))

/** Why there can be no container, after having pulled the image if need be; `undefined` when there can. */
export const dockerObstacle = async (image: string): Promise<string | undefined> => {
  try {
    const { getContainerRuntimeClient, ImageName } = await loadTestcontainers()
    const runtime = await getContainerRuntimeClient().catch((cause: unknown) => {
      throw new Error('no Docker engine answers', { cause })
    })
    const name = ImageName.fromString(image)
    if (await runtime.image.exists(name)) return undefined
    const pulled = runtime.image.pull(name).catch((error: unknown) => {
      throw new Error(`the Docker engine has no image ${image} and cannot pull it: ${reasonOf(error)}`)
    })
    await within(pulled, PULL_TIMEOUT_MS, `the Docker engine did not pull ${image} within ${PULL_TIMEOUT_MS} ms`)
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** The program in an image. */
export const serverIn = (image: string): string => (image.includes('valkey') ? 'valkey-server' : 'redis-server')

/** @throws Error when there can be no container, with the reason */
export const requireDocker = async (image: string): Promise<void> => {
  const obstacle = await dockerObstacle(image)
  if (obstacle !== undefined) throw new Error(`the backend "docker" cannot be used: ${obstacle}`)
}

const urlOf = (container: StartedTestContainer): string =>
  `redis://${container.getHost()}:${container.getMappedPort(PORT)}`

/** Starts a container of the image; Testcontainers removes it also when this process is killed. */
export const startContainer = async (image: string, args: readonly string[]): Promise<RedisServer> => {
  const { GenericContainer, Wait } = await loadTestcontainers()
  const container = await new GenericContainer(image)
    // The port is reached through the engine, so the server sees no client on its loopback.
    .withCommand([serverIn(image), ...IN_MEMORY, '--protected-mode', 'no', ...args])
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
    .withStartupTimeout(START_TIMEOUT_MS)
    .start()
  return {
    backend: 'docker',
    url: urlOf(container),
    stop: async () => {
      await container.stop()
    },
  }
}
