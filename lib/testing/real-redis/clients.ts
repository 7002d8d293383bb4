import type { Cluster, Redis } from 'ioredis'

/** How soon a client for looking at a server comes back. */
export const reconnectDelay = (times: number): number => Math.min(20 * times, 200)

/** Clients that were handed out, to be closed in the end. */
export class Clients {
  readonly #clients = new Set<Redis | Cluster>()

  keep<Client extends Redis | Cluster>(client: Client): Client {
    // Commands report what fails; without a listener ioredis prints each lost connection.
    client.on('error', () => undefined)
    client.on('end', () => this.#clients.delete(client))
    this.#clients.add(client)
    return client
  }

  close(): void {
    for (const client of this.#clients) client.disconnect()
  }
}
