import { describe, expect, it } from '@jest/globals'
import { RealRedisCluster, RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { dockerObstacle } from '../../../lib/testing/real-redis/docker-backend.js'
import { readRedisEnvironment } from '../../../lib/testing/real-redis/environment.js'
import { failFastClient } from '../../support/fail-fast-client.js'

const obstacle = await dockerObstacle(readRedisEnvironment().image)

describe('servers that belong together, in a container', () => {
  // One of two, by what this machine has: both are what a user meets.
  if (obstacle === undefined) {
    it('are a cluster that is reached from outside, and what needs no process can be done to it', async () => {
      const cluster = await RealRedisCluster.start({ backend: 'docker', args: ['--maxmemory', '64mb'] })
      try {
        expect(cluster.backend).toBe('docker')
        const client = cluster.client()
        await client.set('key', 'value', 'EX', 60)
        const former = await cluster.masterOf('key')
        expect(await cluster.nodeClient(former).config('GET', 'maxmemory')).toEqual([
          'maxmemory',
          String(64 * 1024 * 1024),
        ])
        await cluster.failover('key')
        const from = await cluster.masterOf('key')
        expect(from.id).not.toBe(former.id)
        const to = (await cluster.topology()).find(({ role, id }) => role === 'master' && id !== from.id) ?? from
        const move = await cluster.reshard({ slots: 'key', to })
        expect(move).toMatchObject({ movedKeys: 1, finished: true })
        expect(await client.get('key')).toBe('value')
        for (const act of [
          () => cluster.killMaster('key'),
          () => cluster.pauseMaster('key'),
          () => cluster.partition(to),
          () => cluster.restartNode(to, { keepData: true }),
          () => cluster.addNode(),
          () => cluster.removeNode(to),
        ])
          await expect(act()).rejects.toThrow(`needs servers of { backend: 'binary' }; these are of "docker"`)
      } finally {
        await cluster.stop()
      }
      await expect(failFastClient(cluster.nodes[0]?.url ?? '')).rejects.toThrow('Connection is closed.')
    }, 60_000)

    it('are a Sentinel set that is reached from outside', async () => {
      const set = await RealRedisSentinel.start({
        backend: 'docker',
        password: 'of-the-servers',
        sentinelPassword: 'of-the-sentinels',
      })
      try {
        const former = await set.master()
        await set.client().set('key', 'value', 'EX', 60)
        expect(await set.serverClient(former).wait(2, 5_000)).toBeGreaterThanOrEqual(0)
        await set.failover()
        expect((await set.master()).port).not.toBe(former.port)
        for (const act of [() => set.killMaster(), () => set.pauseMaster(), () => set.partitionMaster()])
          await expect(act()).rejects.toThrow(`needs servers of { backend: 'binary' }; these are of "docker"`)
      } finally {
        await set.stop()
      }
    }, 60_000)
  } else {
    it.each([
      ['cluster', () => RealRedisCluster.start({ backend: 'docker' })],
      ['Sentinel set', () => RealRedisSentinel.start({ backend: 'docker' })],
    ])(
      'say why they cannot start: %s',
      async (_, start) => {
        await expect(start()).rejects.toThrow(`the backend "docker" cannot be used: ${obstacle}`)
      },
      130_000,
    )
  }
})
