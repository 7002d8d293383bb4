import { describe, expect, it } from '@jest/globals'
import { readReplication } from '../../../lib/redis/replication/replication-info.js'
import { ReplicationProgress } from '../../../lib/redis/replication/replication-progress.js'

const info = (...lines: string[]): string => ['# Replication', ...lines, ''].join('\r\n')

describe('what INFO says of replication', () => {
  it('is how far the master is, and the replicas that follow', () => {
    expect(
      readReplication(
        info(
          'role:master',
          'connected_slaves:3',
          'slave0:ip=127.0.0.1,port=20001,state=online,offset=1428,lag=0',
          'slave1:ip=127.0.0.1,port=20002,state=wait_bgsave,offset=0,lag=0',
          'slave2:ip=::1,port=20003,state=online,offset=1400,lag=1',
          'master_replid:3c5b5f4d2b0f5f1a8d0d8e1d5b2a8a5c1c9f3f6e',
          'master_repl_offset:1456',
        ),
      ),
    ).toEqual({ offset: 1_456, replicas: [1_428, 1_400] })
  })

  it('is nothing of a replica, and 0 of a master that never had one', () => {
    expect(readReplication(info('role:slave', 'slave_repl_offset:9', 'master_repl_offset:9'))).toBeUndefined()
    expect(readReplication(info('role:master', 'connected_slaves:0'))).toEqual({ offset: 0, replicas: [] })
  })
})

describe('how far replicas are known to be', () => {
  it('is the last time it was asked at which the master was not further than the slowest of them', () => {
    const progress = new ReplicationProgress()
    expect(progress.saw(1, { offset: 100, replicas: [90, 90] })).toBeUndefined()
    expect(progress.saw(2, { offset: 200, replicas: [150, 99] })).toBeUndefined()
    expect(progress.saw(3, { offset: 300, replicas: [300, 199] })).toBe(1)
    expect(progress.saw(4, { offset: 300, replicas: [300, 300] })).toBe(4)
    expect(progress.saw(5, { offset: 300, replicas: [300, 300] })).toBe(5)
  })

  it('is not known without replicas, nor while one of them is missing: it may be the one that takes over', () => {
    const progress = new ReplicationProgress()
    expect(progress.saw(1, { offset: 100, replicas: [] })).toBeUndefined()
    expect(progress.hasReplicas).toBe(false)
    expect(progress.saw(2, { offset: 100, replicas: [100, 100] })).toBe(2)
    expect(progress.saw(3, { offset: 200, replicas: [200] })).toBeUndefined()
    expect(progress.saw(4, { offset: 200, replicas: [] })).toBeUndefined()
    expect(progress.hasReplicas).toBe(true)
    expect(progress.saw(5, { offset: 300, replicas: [200, 250] })).toBe(4)
  })
})
