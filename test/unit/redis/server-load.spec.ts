import { describe, expect, it } from '@jest/globals'
import { readServerLoad } from '../../../lib/redis/server-load.js'

const info = (...lines: string[]): string => `# Section\r\n${lines.map((line) => `${line}\r\n`).join('')}`

describe('what INFO says of how the server is', () => {
  it('tells of a master and its replicas', () => {
    const load = readServerLoad(
      info(
        'redis_version:7.0.15',
        'run_id:f7da',
        'used_memory:5000',
        'maxmemory:8000',
        'maxmemory_policy:noeviction',
        'mem_not_counted_for_evict:1000',
        'evicted_keys:3',
        'role:master',
        'connected_slaves:2',
        'slave0:ip=127.0.0.1,port=6380,state=online,offset=14,lag=1',
        'slave1:ip=::1,port=6381,state=wait_bgsave,offset=0,lag=0,type=replica',
        'slave_expires_tracked_keys:0',
      ),
    )
    expect(load).toEqual({
      product: 'Redis',
      version: '7.0.15',
      runId: 'f7da',
      isOfCluster: false,
      evictionPolicy: 'noeviction',
      evictedKeys: 3,
      role: 'master',
      replicas: [
        { online: true, lagMs: 1_000 },
        { online: false, lagMs: 0 },
      ],
      master: undefined,
      usedMemory: 4_000,
      maxMemory: 8_000,
    })
  })

  it.each([
    ['up', '3', { link: 'up', lagMs: 3_000 }],
    ['down', '-1', { link: 'down', lagMs: undefined }],
  ])('tells of a replica whose link is %s', (link, seconds, master) => {
    const lines = ['role:slave', `master_link_status:${link}`, `master_last_io_seconds_ago:${seconds}`]
    // It may have replicas of its own.
    const load = readServerLoad(info(...lines, 'slave0:ip=127.0.0.1,port=6380,state=online,offset=14,lag=1'))
    expect(load).toMatchObject({ role: 'replica', master, replicas: [] })
  })

  it('takes what is not said for nothing', () => {
    expect(readServerLoad(info('valkey_version:8.1.1'))).toMatchObject({
      product: 'Valkey',
      role: 'master',
      replicas: [],
      usedMemory: 0,
      maxMemory: 0,
      evictedKeys: 0,
    })
  })
})
