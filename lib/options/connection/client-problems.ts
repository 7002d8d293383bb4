import type { Problem } from '../../errors/problem.js'
import { givenSecret } from '../given.js'

const CLIENT = 'a client of the package ioredis, as new Redis(…) makes it (clients of other packages do not fit)'
const CLUSTER_LATER = 'a client of one server, new Redis(…): Cluster is not yet available in this version'
const SENTINEL_LATER = 'a client of one server: Sentinel is not yet available in this version'

type Members = Partial<Record<'duplicate' | 'call' | 'on' | 'status' | 'isCluster' | 'options' | 'sentinels', unknown>>

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? value : {})

/** Whether this is an ioredis client, of whichever copy of ioredis: by what it can do, not by its class. */
export const isClient = (value: unknown): boolean => {
  const { duplicate, call, on, status } = membersOf(value)
  return [duplicate, call, on].every((member) => typeof member === 'function') && typeof status === 'string'
}

const usesSentinels = (value: unknown): boolean => {
  const { sentinels } = membersOf(membersOf(value).options)
  return sentinels !== undefined && sentinels !== null
}

/** Looks at the few members that tell what a client is, and at nothing else of it. */
export function clientProblems(client: unknown): Problem[] {
  if (membersOf(client).isCluster === true) {
    return [{ path: 'connection.client', given: 'a Cluster client', allowed: CLUSTER_LATER }]
  }
  if (!isClient(client)) {
    return [{ path: 'connection.client', given: givenSecret(client), allowed: CLIENT }]
  }
  return usesSentinels(client)
    ? [{ path: 'connection.client', given: 'a client that uses sentinels', allowed: SENTINEL_LATER }]
    : []
}
