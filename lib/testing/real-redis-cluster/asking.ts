import type { Cluster, Redis } from 'ioredis'

/**
 * On ASK, ioredis sends ASKING and looks at nothing that becomes of it: when the connection breaks just then, that would
 * be an unhandled rejection, which ends the process. The command itself reports what happened.
 */
export const lastingAsking = (client: Cluster): Cluster =>
  client.on('+node', (node: Redis) => {
    const asking = node.asking.bind(node)
    node.asking = (...args: Parameters<typeof asking>) => {
      const asked = asking(...args)
      asked.catch(() => undefined)
      return asked
    }
  })
