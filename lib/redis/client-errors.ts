import { isError } from '../errors/is-error.js'
import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import type { Executed, MemoryError, MemoryErrorDetails } from '../errors/memory.error.js'
import { UNSENT } from './unsent.js'

/** Said by ioredis when it did not even write the command; and here, of a cluster. */
const NEVER_SENT = new RegExp(`^Stream isn't writeable|^${UNSENT}`)
/** Said by ioredis of the commands on a connection that ended; why it ended is said in another error, if at all. */
const ENDED =
  /^Connection is closed\.|^Reached the max retries per request limit|^Command aborted due to connection close/
/** The bytes that came are no reply: by ioredis 5, and by ioredis 6. */
const NO_REPLY = /^Protocol error, got |^Unknown RESP type /
const TIMED_OUT = /^Command timed out/
/** Said by a Cluster client; the last error is what the command itself came to, if that was a reply. */
const REDIRECTED =
  /^Too many Cluster redirections\. Last error: (?:Error: |ReplyError: )?(MOVED|ASK|TRYAGAIN|CLUSTERDOWN)?/
const NO_NODE = /^Failed to refresh slots cache|^None of startup nodes is available|^Cluster isn't ready/

export const wasNeverSent = (error: unknown): boolean => isError(error) && NEVER_SENT.test(error.message)

/** Whether the error only says that there is no connection: an earlier one may tell why. */
export const isSymptom = ({ message }: Error): boolean =>
  NEVER_SENT.test(message) || ENDED.test(message) || NO_NODE.test(message)

export const isNoReply = ({ message }: Error): boolean => NO_REPLY.test(message)

/** Thrown by the client itself: a command that cannot be put into bytes, or a flaw. */
const isFlaw = (error: Error): boolean => error instanceof TypeError || error instanceof RangeError

/**
 * What the client says of a command that got no reply.
 *
 * @param maybe what is said of the execution where nobody can tell
 * @param word for the root cause
 */
export const fromClient = (error: Error, word: string, maybe: Executed, details: MemoryErrorDetails): MemoryError => {
  const { message } = error
  if (TIMED_OUT.test(message)) {
    return new MemoryTimeoutError("Redis gave no answer within the client's commandTimeout", maybe, details)
  }
  if (NEVER_SENT.test(message) || NO_NODE.test(message)) {
    return new MemoryUnavailableError('there was no connection to Redis: nothing was sent', 'no', details)
  }
  if (NO_REPLY.test(message)) {
    return new MemoryUnavailableError('what came back is no reply of a Redis server', maybe, details)
  }
  const [redirected, reply] = REDIRECTED.exec(message) ?? []
  if (redirected !== undefined) {
    const executed = reply === undefined ? maybe : 'no'
    return new MemoryUnavailableError('the cluster sent the command from node to node', executed, details)
  }
  if (isFlaw(error)) {
    return new MemoryUnavailableError(`the Redis client failed (${word}); see its cause`, maybe, details, false)
  }
  return new MemoryUnavailableError(`the connection to Redis was lost before it answered (${word})`, maybe, details)
}
