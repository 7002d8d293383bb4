// Asks for the health of a memory again and again, on a server that is there for nothing else.
// Answers what is left of it.
import { AgentMemoryHealthIndicator } from 'nestjs-agent-memory'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { measureResources, type Resources } from '../../chaos/modules/resources.js'
import { openQuietMemory } from '../quiet-memory.js'
import { input } from './input.js'

export interface HealthProberInput {
  readonly probes: number
}

export interface HealthProberOutput {
  readonly probes: number
  /** How many of them found the memory up. */
  readonly up: number
  /** How many the server has executed. */
  readonly writes: number
  /** Connections that were made to the server meanwhile. */
  readonly connectionsMade: number
  readonly before: Resources
  readonly after: Resources
}

/** What is loaded or compiled once is there then. */
const WARM_UP = 2_000

const { probes } = input() as HealthProberInput
await using redis = await RealRedis.start({ backend: 'binary' })
await using opened = await openQuietMemory({ connection: redis.connection, connectOnBoot: 'required' })
const indicator = opened.app.get(AgentMemoryHealthIndicator)
const client = redis.client()

const countOf = async (section: string, pattern: RegExp): Promise<number> =>
  Number(pattern.exec(await client.info(section))?.[1] ?? 0)
const writes = (): Promise<number> => countOf('commandstats', /^cmdstat_evalsha:calls=(\d+)/m)
const connections = (): Promise<number> => countOf('stats', /^total_connections_received:(\d+)/m)

/** Answers whether the memory was up. */
const probe = async (number: number): Promise<boolean> => {
  const options = { cacheFor: 0 }
  const health = await (number % 2 === 0 ? indicator.isHealthy('m', options) : indicator.isReady('m', options))
  return health['m']?.status === 'up'
}

for (let number = 0; number < WARM_UP; number++) await probe(number)
const before = await measureResources(client)
const [writesBefore, connectionsBefore] = [await writes(), await connections()]
let up = 0
for (let number = 0; number < probes; number++) if (await probe(number)) up++
const after = await measureResources(client)
const output: HealthProberOutput = {
  probes,
  up,
  writes: (await writes()) - writesBefore,
  connectionsMade: (await connections()) - connectionsBefore,
  before,
  after,
}
process.stdout.write(JSON.stringify(output))
