import type { Redis } from 'ioredis'
import { ServerClock } from './server-clock.js'
import { readServerFacts, type ServerFacts } from './server-check.js'

/** What a connection found out about the server it was made to. */
export interface ServerSession {
  /** `undefined` when INFO is denied. */
  readonly facts: ServerFacts | undefined
  /** `undefined` when TIME is denied. */
  readonly clock: ServerClock | undefined
  /** The server's number for this connection; `undefined` when CLIENT is denied. */
  readonly clientId: number | undefined
}

const answered = <T>(result: PromiseSettledResult<T>): T | undefined =>
  result.status === 'fulfilled' ? result.value : undefined

/** @throws what INFO was answered with, unless it was denied */
export const openServerSession = async (
  client: Redis,
  isDenied: (error: unknown) => boolean,
): Promise<ServerSession> => {
  const [info, time, id] = await Promise.allSettled([client.info(), client.time(), client.client('ID')])
  if (info.status === 'rejected' && !isDenied(info.reason)) throw info.reason
  const text = answered(info)
  const [seconds, microseconds] = answered(time) ?? []
  return {
    facts: text === undefined ? undefined : readServerFacts(text),
    clock: seconds === undefined ? undefined : new ServerClock(seconds * 1_000 + Math.floor(microseconds! / 1_000)),
    clientId: answered(id),
  }
}

/**
 * Ends a connection of this process that was given up, where it was made to the same run of the server. What was sent on it and
 * not yet executed never will be: a retry cannot be followed by a late first attempt.
 */
export const endFormer = async (
  client: Redis,
  former: ServerSession | undefined,
  present: ServerSession,
): Promise<void> => {
  const sameRun = former?.facts?.runId !== undefined && former.facts.runId === present.facts?.runId
  if (!sameRun || former?.clientId === undefined) return
  // Who may not do it goes without: writes that come late are refused by their time as well.
  await client.client('KILL', 'ID', former.clientId).catch(() => undefined)
}
