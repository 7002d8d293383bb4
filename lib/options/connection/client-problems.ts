import type { Problem } from '../../errors/problem.js'
import { givenSecret } from '../given.js'

const CLIENT =
  'a client of the package ioredis, as new Redis(…) or new Cluster(…) makes it (clients of other packages do not fit)'

type Members = Partial<Record<'duplicate' | 'call' | 'on' | 'status', unknown>>

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? value : {})

/** Whether this is an ioredis client, of whichever copy of ioredis: by what it can do, not by its class. */
export const isClient = (value: unknown): boolean => {
  const { duplicate, call, on, status } = membersOf(value)
  return [duplicate, call, on].every((member) => typeof member === 'function') && typeof status === 'string'
}

/** Looks at the few members that tell what a client is, and at nothing else of it. */
export function clientProblems(client: unknown): Problem[] {
  return isClient(client) ? [] : [{ path: 'connection.client', given: givenSecret(client), allowed: CLIENT }]
}
