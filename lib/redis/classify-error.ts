import { isError } from '../errors/is-error.js'
import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryError, type Executed, type MemoryErrorDetails } from '../errors/memory.error.js'
import { fromClient, isSymptom } from './client-errors.js'
import { DeadlineExceeded } from './deadline.js'
import { fromReply } from './server-replies.js'

export { wasNeverSent } from './client-errors.js'

/** What is known of the call that failed. */
export interface CallDetails extends Pick<MemoryErrorDetails, 'sessionId' | 'operationId'> {
  /** A read has nothing that could have been executed. */
  readonly kind: 'read' | 'write'
  /** Whether it must not come behind what was sent meanwhile: it is not sent a second time, but fails with AgainInOrderError. */
  readonly inOrder?: boolean
}

/** An error of the network or the server in a word: `ECONNREFUSED`, `WRONGPASS`. */
export const wordFor = (error: Error): string => {
  const code: unknown = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : (/^[A-Z]{2,}/.exec(error.message)?.[0] ?? error.name)
}

/** A server that does not know a command says with which arguments it came: of AUTH and HELLO, the password. */
const QUOTED_ARGUMENTS = /,? with args beginning with:.*$/s

/** Of several addresses that were tried, Node says nothing itself, and what came of each in `errors`. */
const textOf = (error: Error): string =>
  error.message === '' && 'errors' in error && Array.isArray(error.errors)
    ? error.errors.map((each: unknown) => (isError(each) ? each.message : '')).join('; ')
    : error.message

/**
 * The error as a cause: its name, text and code. An error of ioredis carries the command with its arguments, which are the
 * user's data.
 */
export const withoutArguments = (error: Error): Error => {
  const cause = new Error(textOf(error).replace(QUOTED_ARGUMENTS, ''))
  cause.name = error.name
  cause.stack = error.stack?.replace(error.message, cause.message)
  const code: unknown = (error as { code?: unknown }).code
  return code === undefined ? cause : Object.assign(cause, { code })
}

const isReply = (error: Error): boolean => error.name === 'ReplyError' || error.constructor.name === 'SimpleError'

/** Why a Cluster client found no node, or why the connection ended: what the error itself does not say. */
const rootOf = (error: Error, heard: Error | undefined): Error => {
  const root = ofNode(error)
  return isSymptom(root) ? (heard ?? root) : root
}

/** Of a cluster in which no node could be asked, what the last one came to. */
export const ofNode = (error: Error): Error => {
  const { lastNodeError } = error as { readonly lastNodeError?: unknown }
  return isError(lastNodeError) ? lastNodeError : error
}

const late = (error: DeadlineExceeded, maybe: Executed, details: MemoryErrorDetails): MemoryError => {
  const advice = maybe === 'no' ? '' : '; the write may still be executed, so repeat it with the same operationId'
  return new MemoryTimeoutError(`Redis gave ${error.message}${advice}`, maybe, details)
}

/**
 * Makes one MemoryError out of whatever came of a command.
 *
 * @param heard what the connection said of itself last: the root of an error that only says that it ended
 */
export const classifyError = (
  error: unknown,
  { kind, sessionId, operationId }: CallDetails,
  heard?: Error,
): MemoryError => {
  if (error instanceof MemoryError) return error
  const ids = { sessionId, operationId }
  const maybe: Executed = kind === 'write' ? 'unknown' : 'no'
  const original = isError(error) ? error : new Error('not an Error')
  if (original instanceof DeadlineExceeded) return late(original, maybe, ids)
  const root = rootOf(original, heard)
  const details = { ...ids, cause: withoutArguments(root) }
  return isReply(original)
    ? fromReply(original.message, maybe, details)
    : fromClient(original, wordFor(root), maybe, details)
}
