import { afterEach, beforeEach } from '@jest/globals'
import type { Redis } from 'ioredis'
import { FaultProxy, type RealRedis } from 'nestjs-agent-memory/testing'
import { failFastClient } from './fail-fast-client.js'

/** A proxy, and clients on both sides of it. */
export interface ProxyUnderTest {
  readonly proxy: FaultProxy
  /** Goes through the proxy. */
  readonly client: Redis
  /** Goes to the server itself. */
  readonly direct: Redis
  /** Deleted when the test is over. */
  readonly key: string
}

/** For each test of the suite, all of it anew. */
export const useFaultProxy = (redis: RealRedis): ProxyUnderTest => {
  let proxy: FaultProxy
  let client: Redis
  let direct: Redis
  let key: string
  beforeEach(async () => {
    key = `fault-proxy:${crypto.randomUUID()}`
    proxy = await FaultProxy.before(redis)
    client = await failFastClient(proxy.url)
    direct = redis.client()
  })
  afterEach(async () => {
    client.disconnect()
    await proxy.close()
    await direct.unlink(key)
    direct.disconnect()
  })
  return {
    get proxy() {
      return proxy
    },
    get client() {
      return client
    },
    get direct() {
      return direct
    },
    get key() {
      return key
    },
  }
}
