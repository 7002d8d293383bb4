import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Redis } from 'ioredis'

/** What a process holds. */
export interface Resources {
  /** What keeps the event loop busy, by kind. */
  readonly handles: Readonly<Record<string, number>>
  /** Open files and sockets; `undefined` where the system does not tell. */
  readonly files: number | undefined
  /** Bytes of heap and of what hangs on it, after collection. */
  readonly heap: number
  /** Connections to the server, by the server's own count. */
  readonly connectedClients: number
}

const COLLECTIONS = 4

const handlesByKind = (): Record<string, number> => {
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo().toSorted()) handles[kind] = (handles[kind] ?? 0) + 1
  return handles
}

const openFiles = (): Promise<number | undefined> =>
  readdir('/proc/self/fd').then(
    (files) => files.length,
    () => undefined,
  )

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** @param client its own connection is among those counted, each time */
export const measureResources = async (client: Redis): Promise<Resources> => {
  // What is finalized only after one collection goes with the next.
  for (let time = 0; time < COLLECTIONS; time++) {
    collect()
    await sleep(20)
  }
  const connectedClients = Number(/^connected_clients:(\d+)/m.exec(await client.info('clients'))?.[1])
  const { heapUsed, external } = process.memoryUsage()
  return { handles: handlesByKind(), files: await openFiles(), heap: heapUsed + external, connectedClients }
}

/** Whether nothing but heap is held that was not before. */
export const holdsNoMore = (before: Resources, after: Resources): boolean =>
  after.connectedClients === before.connectedClients &&
  (after.files ?? 0) <= (before.files ?? 0) &&
  JSON.stringify(after.handles) === JSON.stringify(before.handles)
