import { existsSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { withEnvironment } from '../../support/scoped-environment.js'

describe('RealRedisSentinel', () => {
  let set: RealRedisSentinel
  beforeAll(async () => {
    set = await RealRedisSentinel.start({
      backend: 'binary',
      replicas: 2,
      sentinels: 3,
      quorum: 2,
      password: 'of-the-servers',
      sentinelPassword: 'of-the-sentinels',
      downAfter: 5_000,
      args: ['--maxmemory', '64mb'],
    })
  })
  afterAll(() => set.stop())

  it('has a master with replicas, and Sentinels that know them and one another', async () => {
    const master = await set.master()
    const replicas = await set.replicas()
    expect(master).toEqual({
      host: '127.0.0.1',
      port: master.port,
      url: `redis://:of-the-servers@127.0.0.1:${master.port}`,
    })
    expect(replicas).toHaveLength(2)
    for (const replica of replicas) {
      const role: unknown = await set.serverClient(replica).role()
      expect(role).toEqual(['slave', '127.0.0.1', master.port, 'connected', expect.any(Number)])
    }
    expect(set.name).toBe('agent-memory')
    expect(set.sentinels).toHaveLength(3)
    for (const { port } of set.sentinels) {
      const sentinel = await failFastClient(`redis://:of-the-sentinels@127.0.0.1:${port}`)
      expect(await sentinel.call('SENTINEL', 'CKQUORUM', set.name)).toMatch(/^OK 3 usable Sentinels/)
      expect(await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', set.name)).toEqual([
        '127.0.0.1',
        String(master.port),
      ])
      sentinel.disconnect()
    }
  })

  it('is one that clients find their way through', async () => {
    await set.client().set('key', 'value', 'EX', 60)
    expect(await set.serverClient(await set.master()).get('key')).toBe('value')
    const replica = set.client({ role: 'slave' })
    expect(await set.serverClient(await set.master()).wait(2, 1_000)).toBe(2)
    expect(await replica.get('key')).toBe('value')
  })

  it('asks for passwords', async () => {
    const { host, port } = await set.master()
    for (const one of [port, set.sentinels[0]?.port]) {
      await expect(failFastClient(`redis://${host}:${one}`)).rejects.toThrow('Connection is closed.')
    }
  })

  it('passes arguments on, and keeps nothing on disk', async () => {
    const client = set.serverClient(await set.master())
    expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', String(64 * 1024 * 1024)])
    expect(await client.config('GET', 'save')).toEqual(['save', ''])
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1'])
    expect(set).toMatchObject({ backend: 'binary' })
    expect(set.version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('killSentinels(): nobody knows the master any more, who goes on; restore() has them know what they knew', async () => {
    const master = await set.master()
    const client = set.client()
    await client.set('key', 'value', 'EX', 60)
    const late = new Redis({
      sentinels: [...set.sentinels],
      name: set.name,
      lazyConnect: true,
      sentinelRetryStrategy: () => null,
    })
    late.on('error', () => undefined)
    {
      await using _ = await set.killSentinels()
      await expect(set.master()).rejects.toThrow('no Sentinel is up')
      await expect(set.settled({ within: 50 })).rejects.toThrow('no Sentinel is up')
      expect(await client.get('key')).toBe('value')
      await expect(late.connect()).rejects.toThrow('All sentinels are unreachable')
    }
    await set.settled()
    expect(await set.master()).toEqual(master)
    late.disconnect()
  })

  it('killSentinels({ count }): the quorum is gone when too few are left', async () => {
    await using fault = await set.killSentinels({ count: 2 })
    await set.master()
    await expect(set.settled({ within: 50 })).rejects.toThrow('1 Sentinels are up, and 2 are needed')
    await fault.restore()
    await set.settled()
  })

  it('failover(): the Sentinels elect a replica; restore() makes the former master master again', async () => {
    const former = await set.master()
    await set.client().set('key', 'value', 'EX', 60)
    expect(await set.serverClient(former).wait(2, 1_000)).toBeGreaterThanOrEqual(0)
    await using fault = await set.failover()
    expect(fault.master).toEqual(former)
    const master = await set.master()
    expect(master.port).not.toBe(former.port)
    expect(await set.serverClient(master).role()).toContain('master')
    await fault.restore()
    expect(await set.master()).toEqual(former)
    await set.settled({ within: 1_000 })
    expect(await set.serverClient(former).get('key')).toBe('value')
    for (const replica of await set.replicas())
      expect(await set.serverClient(replica).config('GET', 'replica-priority')).toEqual(['replica-priority', '100'])
  })

  it('leaves no server, no folder and no client behind after stop(), which may be called again', async () => {
    const servers = [await set.master(), ...(await set.replicas())]
    const folders: string[] = []
    for (const server of servers) folders.push(String(Object(await set.serverClient(server).config('GET', 'dir'))[1]))
    expect(folders.map((folder) => existsSync(folder))).toEqual([true, true, true])
    const client = set.client()
    await client.ping()
    await set.stop()
    await set.stop()
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, false, false])
    for (const { port } of [...servers, ...set.sentinels])
      await expect(failFastClient(`redis://127.0.0.1:${port}`)).rejects.toThrow('Connection is closed.')
    await expect(client.ping()).rejects.toThrow('Connection is closed.')
  })
})

describe('RealRedisSentinel.start()', () => {
  it.each([
    [{ replicas: -1 }, '"replicas" must be a whole number of at least 0'],
    [{ sentinels: 0 }, '"sentinels" must be a whole number of at least 1'],
    [{ quorum: 1.5 }, '"quorum" must be a whole number of at least 1'],
    [{ downAfter: 1 }, '"downAfter" must be a whole number of at least 100'],
    [{ password: 'two words' }, '"password" must be text without spaces, quotes and backslashes'],
    [{ sentinelPassword: '"' }, '"sentinelPassword" must be text without spaces, quotes and backslashes'],
  ])('refuses %j', async (options, message) => {
    await expect(RealRedisSentinel.start({ backend: 'binary', ...options })).rejects.toThrow(message)
  })

  it('takes no server of somebody else', async () => {
    await withEnvironment({ AGENT_MEMORY_TEST_BACKEND: 'url' }, async () => {
      await expect(RealRedisSentinel.start()).rejects.toThrow(
        `RealRedisSentinel starts servers of its own, { backend: 'binary' } or { backend: 'docker' }`,
      )
    })
  })
})
