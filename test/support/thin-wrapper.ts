import type { Cluster, Redis } from 'ioredis'

interface ThinMessage {
  role: string
  content: string
  metadata?: Record<string, unknown>
}

/**
 * Agent memory as it is often written: JSON in a few keys, and a ttl where one came to mind. It is here to show that the
 * tests of this project find what is wrong with it.
 */
export class ThinWrapper {
  constructor(
    private readonly redis: Redis | Cluster,
    private readonly prefix: string,
    private readonly ttlSeconds: number,
  ) {}

  async append(sessionId: string, message: ThinMessage): Promise<void> {
    const key = `${this.prefix}:${sessionId}:messages`
    const length = await this.redis.rpush(key, JSON.stringify(message))
    if (length === 1 && this.ttlSeconds) await this.redis.expire(key, this.ttlSeconds)
  }

  async messages(sessionId: string): Promise<ThinMessage[]> {
    const texts = await this.redis.lrange(`${this.prefix}:${sessionId}:messages`, 0, -1)
    return texts.map((text) => JSON.parse(text) as ThinMessage)
  }

  async state(sessionId: string): Promise<Record<string, unknown>> {
    const text = await this.redis.get(`${this.prefix}:${sessionId}:state`)
    return text === null ? {} : (JSON.parse(text) as Record<string, unknown>)
  }

  async setState(sessionId: string, values: Record<string, unknown>): Promise<void> {
    const key = `${this.prefix}:${sessionId}:state`
    const before = await this.state(sessionId)
    await this.redis.set(key, JSON.stringify({ ...before, ...values }))
    if (Object.keys(before).length === 0 && this.ttlSeconds) await this.redis.expire(key, this.ttlSeconds)
  }
}
