import type { Executed, MemoryError, MemoryErrorCode } from '../../errors/memory.error.js'
import { isInternal } from './error-status.js'

/** What a client is told, whatever the transport. */
export interface ErrorAnswer {
  readonly code: MemoryErrorCode
  readonly message: string
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
  /** Whether the write behind the error was executed; `no` for reads. */
  readonly executed: Executed
  /** The id under which the write was sent: repeated with it, it is stored once. */
  readonly operationId?: string
  /** The place in the input, as `messages[0].content`. */
  readonly path?: string
}

const INTERNAL = 'The memory of this application failed; the log of the application says why'

/**
 * Leaves out the session's id, which may be made of what no client knows; and what the error says, where that is of the
 * application's own insides.
 */
export const answerOf = (error: MemoryError): ErrorAnswer => {
  const { code, message, executed, operationId, path } = error
  const internal = isInternal(error)
  return {
    code,
    message: internal ? INTERNAL : message,
    // What this process does not begin any more, the one that takes its place does.
    retryable: error.retryable || code === 'SHUTDOWN',
    executed,
    ...(operationId === undefined ? {} : { operationId }),
    ...(path === undefined || internal ? {} : { path }),
  }
}
