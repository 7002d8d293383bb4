import { describe, expect, it } from '@jest/globals'
import { howToGetVersion } from '../../../lib/testing/real-redis/how-to-get-redis.js'
import { readServerInfo } from '../../../lib/testing/real-redis/server-info.js'
import {
  isRedisAvailable,
  RealRedis,
  RealRedisCluster,
  RealRedisSentinel,
  type RealRedisVersion,
} from 'nestjs-agent-memory/testing'
import { withEnvironment } from '../../support/scoped-environment.js'

// Those here, whatever this run is on otherwise.
const ours = { AGENT_MEMORY_TEST_REDIS_BINARY: undefined, AGENT_MEMORY_TEST_REDIS_VERSION: undefined }

const NODE_TIMEOUT_MS = 1_000

const KINDS = [
  { version: '7', what: { product: 'redis', version: expect.stringMatching(/^7\.\d+\.\d+$/) } },
  { version: '8', what: { product: 'redis', version: expect.stringMatching(/^8\.\d+\.\d+$/) } },
  { version: 'valkey8', what: { product: 'valkey', version: expect.stringMatching(/^8\.\d+\.\d+$/) } },
] as const

/** Skips a suite by name where there is no server of the version. */
const collect = async (version: RealRedisVersion) => {
  const there = await withEnvironment(ours, () => isRedisAvailable({ backend: 'binary', version }))
  const name = `{ version: '${version}' }`
  return there
    ? { describeIfThere: describe, name }
    : { describeIfThere: describe.skip, name: `${name} [skipped, it is not here: ${howToGetVersion(version)}]` }
}

/** Fails over when a master dies: what the kit reads from the servers on the way is not the same in all versions. */
const breakCluster = async (version: RealRedisVersion, what: object): Promise<string> => {
  await using cluster = await RealRedisCluster.start({ backend: 'binary', version, nodeTimeout: NODE_TIMEOUT_MS })
  expect(cluster).toMatchObject({ backend: 'binary', ...what })
  for (const { url } of cluster.nodes) expect(await readServerInfo(url)).toMatchObject(what)
  const former = await cluster.masterOf('key')
  const direct = cluster.nodeClient(former)
  await direct.set('key', 'value', 'EX', 60)
  expect(await direct.wait(1, 5_000)).toBe(1)
  await using fault = await cluster.killMaster('key')
  await cluster.settled()
  expect((await cluster.masterOf('key')).id).not.toBe(former.id)
  expect(await cluster.client().get('key')).toBe('value')
  await fault.restore()
  await cluster.settled()
  expect(await readServerInfo(former.url)).toMatchObject(what)
  return cluster.version
}

const breakSentinelSet = async (version: RealRedisVersion, what: object): Promise<string> => {
  await using set = await RealRedisSentinel.start({ backend: 'binary', version, downAfter: 500 })
  expect(set).toMatchObject({ backend: 'binary', ...what })
  const servers = [await set.master(), ...(await set.replicas())].map(({ url }) => url)
  const sentinels = set.sentinels.map(({ host, port }) => `redis://${host}:${port}`)
  for (const url of [...servers, ...sentinels]) expect(await readServerInfo(url)).toMatchObject(what)
  const fault = await set.killMaster()
  await set.settled()
  expect((await set.master()).port).not.toBe(fault.master.port)
  return set.version
}

for (const { version, what } of KINDS) {
  const { describeIfThere, name } = await collect(version)
  describeIfThere(name, () => {
    it('is what a server is of, also when it comes back', async () => {
      await withEnvironment(ours, async () => {
        await using redis = await RealRedis.start({ backend: 'binary', version, args: ['--maxmemory', '8mb'] })
        expect(redis).toMatchObject({ backend: 'binary', ...what })
        const client = redis.client()
        expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', String(8 * 1024 * 1024)])
        await client.set('key', 'value', 'EX', 60)
        await redis.restart({ keepData: true })
        expect(await client.get('key')).toBe('value')
        expect(await readServerInfo(redis.url)).toMatchObject(what)
      })
    })

    it('is what AGENT_MEMORY_TEST_REDIS_VERSION asks for', async () => {
      await withEnvironment({ ...ours, AGENT_MEMORY_TEST_REDIS_VERSION: version }, async () => {
        await using redis = await RealRedis.start({ backend: 'binary' })
        expect(redis).toMatchObject(what)
      })
    })

    // What Redis 7 does, the other files here show.
    if (version === '7') return
    it('is what servers that belong together are of, and they fail over', async () => {
      await withEnvironment(ours, async () => {
        // At the same time, since they wait for most of it.
        const versions = await Promise.all([breakCluster(version, what), breakSentinelSet(version, what)])
        expect(versions).toEqual([what.version, what.version])
      })
    })
  })
}

describe('a version that is not there', () => {
  const nowhere = { ...ours, PATH: '', XDG_CACHE_HOME: '/no/such/folder' }

  it.each([
    ['8', 'Redis 8', 'redis-server'],
    ['valkey8', 'Valkey 8', 'valkey-server'],
  ] as const)('%s is no other one, and the error says how to get it', async (version, label, program) => {
    const message = `the backend "binary" finds no ${label}: put its ${program} into PATH or name it in AGENT_MEMORY_TEST_REDIS_BINARY`
    await withEnvironment(nowhere, async () => {
      expect(isRedisAvailable({ backend: 'binary', version })).toBe(false)
      await expect(RealRedis.start({ backend: 'binary', version })).rejects.toThrow(message)
      await expect(RealRedisCluster.start({ backend: 'binary', version })).rejects.toThrow(message)
      await expect(RealRedisSentinel.start({ backend: 'binary', version })).rejects.toThrow(message)
    })
  })
})
