import type { Redis } from 'ioredis'
import { poll } from './poll.js'

export const REPLICA = { readFrom: 'replica' } as const
/** Of a call, in ms. */
export const DEADLINE = 1_200
/** The part of it that a replica has. */
export const PART = DEADLINE / 4
/** What a busy machine may add to it. */
export const SOON = 500

/** How many scripts that only read a server was asked for. */
export const readsOf = async (server: Redis): Promise<number> => {
  const stats = await server.info('commandstats')
  return [...stats.matchAll(/^cmdstat_eval(?:sha)?_ro:calls=(\d+)/gm)].reduce(
    (sum, [, calls]) => sum + Number(calls),
    0,
  )
}

/** Resolves when all replicas have what the master has of a key. */
export const inSync = async (master: Redis, replicas: readonly Redis[], key: string): Promise<void> => {
  const version = await master.hget(key, 'v')
  await poll(async () =>
    (await Promise.all(replicas.map((replica) => replica.hget(key, 'v')))).every((v) => v === version),
  )
}

/** Runs a call, and answers what came of it and how long it took, in ms. */
export const timed = async <T>(call: () => Promise<T>): Promise<{ readonly answer: T; readonly ms: number }> => {
  const since = performance.now()
  const answer = await call()
  return { answer, ms: performance.now() - since }
}
