import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { outcome } from '../../support/outcome.js'
import { poll } from '../../support/poll.js'

/** Writes it, and waits until the replicas have it. */
const store = async (set: RealRedisSentinel, value: string): Promise<void> => {
  const client = set.serverClient(await set.master())
  await client.set('key', value, 'EX', 600)
  expect(await client.wait(2, 5_000)).toBe(2)
}

/** Has the Sentinels tell a former master at once that it is none: by themselves they wait for eight seconds. */
const tellSoon = async (set: RealRedisSentinel): Promise<void> => {
  for (const { port } of set.sentinels) {
    const sentinel = await failFastClient(`redis://127.0.0.1:${port}`)
    await sentinel.call('SENTINEL', 'DEBUG', 'INFO-PERIOD', '100', 'PUBLISH-PERIOD', '100')
    sentinel.disconnect()
  }
}

describe('the master that Sentinels of our own watch', () => {
  let set: RealRedisSentinel
  beforeEach(async () => {
    set = await RealRedisSentinel.start({ backend: 'binary', downAfter: 500 })
  })
  afterEach(() => set.stop())

  it('killMaster(): it is gone, a replica takes its place, and it comes back', async () => {
    await store(set, 'value')
    const client = set.client()
    await using fault = await set.killMaster()
    await expect(failFastClient(fault.master.url)).rejects.toThrow('Connection is closed.')
    await set.settled()
    const master = await set.master()
    expect(master.port).not.toBe(fault.master.port)
    expect((await set.replicas()).map(({ port }) => port)).not.toContain(fault.master.port)
    expect(await client.get('key')).toBe('value')
    await fault.restore()
    expect(await set.serverClient(fault.master).ping()).toBe('PONG')
    await tellSoon(set)
    await set.settled()
    expect(await set.serverClient(fault.master).get('key')).toBe('value')
    expect((await set.replicas()).map(({ port }) => port)).toContain(fault.master.port)
  })

  it('pauseMaster(): it answers nothing, a replica takes its place, and it goes on', async () => {
    const former = await failFastClient((await set.master()).url, { commandTimeout: 100 })
    await using fault = await set.pauseMaster()
    expect(await outcome(former.incr('count'))).toBe('Command timed out')
    await set.settled()
    expect((await set.master()).port).not.toBe(fault.master.port)
    await fault.restore()
    // It does what it was told meanwhile, and takes itself for the master still.
    expect(await former.get('count')).toBe('1')
    former.disconnect()
  })

  it('partitionMaster(): clients go on writing to it beside the new one, and lose that when it is back', async () => {
    await store(set, 'before')
    const master = await set.master()
    const present = await failFastClient(master.url)
    await using fault = await set.partitionMaster()
    expect(fault.master).toEqual(master)
    const fresh = await failFastClient(master.url)
    expect(await outcome(present.set('key', 'acknowledged, and lost'))).toBe('OK')
    expect(await fresh.info('replication')).toContain('connected_slaves:0')
    await set.settled()
    expect((await set.master()).port).not.toBe(master.port)
    expect(await set.client().get('key')).toBe('before')
    expect(await present.role()).toContain('master')
    expect(await fresh.get('key')).toBe('acknowledged, and lost')
    await fault.restore()
    await tellSoon(set)
    await set.settled()
    // Who tells it so closes the connections of its clients.
    await poll(() => present.status === 'end' && fresh.status === 'end')
    const back = set.serverClient(master)
    expect(await back.role()).toContain('slave')
    expect(await back.get('key')).toBe('before')
    expect(await outcome(back.set('key', 'late'))).toMatch(/^READONLY /)
  })
})
