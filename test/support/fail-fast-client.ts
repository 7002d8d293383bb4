import { Redis, type RedisOptions } from 'ioredis'

/**
 * A client that does nothing on its own: it neither queues nor resends nor connects again, so that what a test sees is
 * what the network did. Ready when it resolves.
 */
export const failFastClient = async (url: string, options: RedisOptions = {}): Promise<Redis> => {
  const client = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    disconnectTimeout: 100,
    ...options,
  })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
