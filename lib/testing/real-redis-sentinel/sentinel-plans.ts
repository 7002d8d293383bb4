import { randomBytes } from 'node:crypto'
import { IN_MEMORY, type ServerPlan } from '../real-redis/server-plan.js'

export const HOST = '127.0.0.1'
export const NAME = 'agent-memory'

export interface SetOptions {
  readonly replicas: number
  readonly sentinels: number
  readonly quorum: number
  readonly args: readonly string[]
  readonly password: string | undefined
  readonly sentinelPassword: string | undefined
  readonly downAfter: number
  readonly failoverTimeout: number
}

const lines = (...all: readonly (string | undefined)[]): string =>
  all
    .filter((line) => line !== undefined)
    .join('\n')
    .concat('\n')

const serverPlan = (
  port: number,
  master: number,
  peer: string | undefined,
  { args, password }: SetOptions,
): ServerPlan => {
  const settings = {
    'replica-announce-ip': HOST,
    'replica-announce-port': port,
    // A replica that comes is served at once.
    'repl-diskless-sync-delay': 0,
  }
  const given = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  return {
    port,
    args: [...IN_MEMORY, ...given, ...args],
    // In a file, so that the Sentinels can have it say whom it follows after a restart.
    config: lines(
      port === master ? undefined : `replicaof ${HOST} ${master}`,
      password === undefined ? undefined : `requirepass ${password}\nmasterauth ${password}`,
    ),
    password,
    peer,
  }
}

interface KnownSentinel {
  readonly port: number
  readonly id: string
  readonly peer: string | undefined
}

const sentinelPlan = (
  self: KnownSentinel,
  all: readonly KnownSentinel[],
  [master = 0, ...replicas]: readonly number[],
  { quorum, password, sentinelPassword, downAfter, failoverTimeout }: SetOptions,
): ServerPlan => ({
  port: self.port,
  args: ['--sentinel'],
  config: lines(
    `sentinel myid ${self.id}`,
    `sentinel announce-ip ${HOST}`,
    `sentinel announce-port ${self.port}`,
    sentinelPassword === undefined
      ? undefined
      : `requirepass ${sentinelPassword}\nsentinel sentinel-pass ${sentinelPassword}`,
    `sentinel monitor ${NAME} ${HOST} ${master} ${quorum}`,
    `sentinel down-after-milliseconds ${NAME} ${downAfter}`,
    `sentinel failover-timeout ${NAME} ${failoverTimeout}`,
    password === undefined ? undefined : `sentinel auth-pass ${NAME} ${password}`,
    // As after a restart: without, they would find one another seconds later.
    ...replicas.map((port) => `sentinel known-replica ${NAME} ${HOST} ${port}`),
    ...all.filter((one) => one !== self).map(({ port, id }) => `sentinel known-sentinel ${NAME} ${HOST} ${port} ${id}`),
  ),
  password: sentinelPassword,
  peer: self.peer,
})

/** The master, then all others; `peer` names the address from which the how-manieth server connects to others. */
export const planSentinelSet = (
  ports: readonly number[],
  options: SetOptions,
  peer: (index: number) => string | undefined,
): readonly (readonly ServerPlan[])[] => {
  const watched = ports.slice(0, 1 + options.replicas)
  const [master = 0] = watched
  const sentinels = ports.slice(watched.length).map((port, index) => {
    return { port, id: randomBytes(20).toString('hex'), peer: peer(watched.length + index) }
  })
  const [first, ...replicas] = watched.map((port, index) => serverPlan(port, master, peer(index), options))
  return [
    first === undefined ? [] : [first],
    // A Sentinel that comes before them would hear of them late.
    replicas,
    sentinels.map((sentinel) => sentinelPlan(sentinel, sentinels, watched, options)),
  ]
}
