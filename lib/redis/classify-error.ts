import { DeadlineExceeded } from './deadline.js'
import { MemoryConfigError } from '../errors/memory-config.error.js'
import { MemoryCorruptError } from '../errors/memory-corrupt.error.js'
import { MemoryFullError } from '../errors/memory-full.error.js'
import { MemoryPermissionError } from '../errors/memory-permission.error.js'
import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import { MemoryError, type Executed, type MemoryErrorDetails } from '../errors/memory.error.js'

/** What is known of the call that failed. */
export interface CallDetails extends Pick<MemoryErrorDetails, 'sessionId' | 'operationId'> {
  /** A read has nothing that could have been executed. */
  readonly kind: 'read' | 'write'
}

/** Refusals that pass; the server says them before it executes anything. */
const PASSING = new Map([
  ['READONLY', 'the server is a read-only replica'],
  ['LOADING', 'the server is loading its data'],
  ['BUSY', 'the server is busy with a script'],
  ['TRYAGAIN', 'the slot is being moved'],
  ['CLUSTERDOWN', 'the cluster is down'],
  ['MASTERDOWN', 'the replica has lost its master'],
  ['NOREPLICAS', 'too few replicas are in reach'],
  ['MISCONF', 'the server cannot write its snapshots to disk'],
])

/** An error of the network or the server in a word: `ECONNREFUSED`, `WRONGPASS`. */
export const wordFor = (error: Error): string => {
  const code: unknown = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : (/^[A-Z]{2,}/.exec(error.message)?.[0] ?? error.name)
}

/** A server that does not know a command says with which arguments it came: of AUTH and HELLO, the password. */
const QUOTED_ARGUMENTS = /,? with args beginning with:.*$/s

/**
 * The error as a cause: its name, text and code. An error of ioredis carries the command with its arguments, which are the
 * user's data.
 */
export const withoutArguments = (error: Error): Error => {
  const cause = new Error(error.message.replace(QUOTED_ARGUMENTS, ''))
  cause.name = error.name
  cause.stack = error.stack?.replace(error.message, cause.message)
  const code: unknown = (error as { code?: unknown }).code
  return code === undefined ? cause : Object.assign(cause, { code })
}

const fromReply = (message: string, executed: Executed, details: MemoryErrorDetails): MemoryError => {
  const word = /^[A-Z]+/.exec(message)?.[0] ?? ''
  const passing = PASSING.get(word)
  if (passing !== undefined)
    return new MemoryUnavailableError(`Redis refused for now: ${passing} (${word})`, 'no', details)
  switch (word) {
    case 'OOM':
      return new MemoryFullError(
        'SERVER_FULL',
        'Redis is out of memory (OOM): raise maxmemory, or shorten what is kept',
        details,
      )
    case 'NOPERM':
    case 'NOAUTH':
    case 'WRONGPASS':
      return new MemoryPermissionError(
        `Redis denied access (${word}): check the user, the password and the ACL rules`,
        details,
      )
    case 'WRONGTYPE':
      return new MemoryCorruptError(
        "the session's key holds something else: another application writes to this namespace",
        details,
      )
    case 'MOVED':
    case 'ASK':
    case 'CROSSSLOT':
      return new MemoryConfigError(
        { path: 'connection', given: `a single node of a cluster (${word})`, allowed: 'a standalone server' },
        details,
      )
    default:
      return new MemoryUnavailableError('Redis answered with an error; see its cause', executed, details)
  }
}

/** Said by ioredis when it did not even write the command. */
const NEVER_SENT = "Stream isn't writeable"

export const wasNeverSent = (error: unknown): boolean => error instanceof Error && error.message.startsWith(NEVER_SENT)

const isReply = (error: Error): boolean => error.name === 'ReplyError' || error.constructor.name === 'SimpleError'

/** Makes one MemoryError out of whatever came of a command. */
export const classifyError = (error: unknown, { kind, ...ids }: CallDetails): MemoryError => {
  if (error instanceof MemoryError) return error
  const original = error instanceof Error ? error : new Error('not an Error')
  const details = { ...ids, cause: withoutArguments(original) }
  const maybe: Executed = kind === 'write' ? 'unknown' : 'no'
  if (original instanceof DeadlineExceeded) return new MemoryTimeoutError(`Redis gave ${original.message}`, maybe, ids)
  if (isReply(original)) return fromReply(original.message, maybe, details)
  const executed = wasNeverSent(original) ? 'no' : maybe
  return new MemoryUnavailableError('the connection to Redis was lost before it answered', executed, details)
}
