import type { ServerFault } from '../real-redis/controls/server-fault.interface.js'

/**
 * A server that Sentinels watch.
 *
 * @publicApi
 */
export interface WatchedServer {
  readonly host: string
  readonly port: number
  /** As `redis://127.0.0.1:20123`, with the password if there is one. */
  readonly url: string
}

/**
 * What was done to the master that Sentinels watch.
 *
 * @publicApi
 */
export interface MasterFault extends ServerFault {
  /** Who was master before. */
  readonly master: WatchedServer
}
