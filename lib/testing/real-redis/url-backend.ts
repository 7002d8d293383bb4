import { REDIS_URL_VARIABLE } from './environment.js'
import type { RedisServer } from './redis-server.interface.js'

/** A server that somebody else started, and somebody else stops. */
export const useServerAt = (url: string): RedisServer => {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw new Error(`${REDIS_URL_VARIABLE} must be a URL with redis:// or rediss://`)
  return { backend: 'url', url, stop: () => Promise.resolve() }
}
