import { Redis } from 'ioredis'

const TIMEOUT_MS = 5_000

/**
 * Runs `ask` on a connection of its own, which fails fast and is closed afterwards: for looking at a server that may be
 * away, hung or not a Redis at all.
 */
export const withProbeClient = async <T>(url: string, ask: (client: Redis) => Promise<T>): Promise<T> => {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    socketTimeout: 2 * TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    autoResendUnfulfilledCommands: false,
    // It would wait for a server that loads its data, or that is busy.
    enableReadyCheck: false,
  })
  // The reason a connection failed is on this event; the promise only says that it is closed.
  let cause: Error | undefined
  client.on('error', (error: Error) => {
    cause = error
  })
  try {
    return await ask(client)
  } catch (error) {
    throw cause ?? error
  } finally {
    // On a connection that is closed already, disconnect() would hold the process for two seconds.
    if (client.status !== 'end') client.disconnect()
  }
}
