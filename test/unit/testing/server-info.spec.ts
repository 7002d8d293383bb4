import { describe, expect, it } from '@jest/globals'
import { parseServerInfo } from '../../../lib/testing/real-redis/server-info.js'

describe('parseServerInfo', () => {
  it('reads Redis', () => {
    const info = '# Server\r\nredis_version:7.0.15\r\nos:Linux\r\nprocess_id:4711\r\nexecutable:/usr/bin/a:b\r\n'
    expect(parseServerInfo(info)).toEqual({ product: 'redis', version: '7.0.15', processId: 4711, loading: false })
  })

  it('tells Valkey from the Redis it says it is for old clients', () => {
    const info = 'redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\nprocess_id:1\r\n'
    expect(parseServerInfo(info)).toEqual({ product: 'valkey', version: '8.1.1', processId: 1, loading: false })
  })

  it('refuses what is no answer of a Redis', () => {
    expect(() => parseServerInfo('')).toThrow('does not say its version')
  })
})
