import { STATUS_CODES } from 'node:http'
import type { MemoryError } from '../../errors/memory.error.js'
import { answerOf, type ErrorAnswer } from './error-answer.js'
import { statusOf } from './error-status.js'

/**
 * The body of an error over HTTP, as of RFC 9457. It holds no text of users, and nothing of the configuration.
 *
 * @publicApi
 */
export interface MemoryProblemDetails extends Omit<ErrorAnswer, 'message'> {
  /** `code` says which problem it is. */
  readonly type: 'about:blank'
  /** The name of the status: `Service Unavailable`. */
  readonly title: string
  /** The HTTP status. */
  readonly status: number
  readonly detail: string
}

/**
 * What MemoryExceptionFilter answers over HTTP, for where the status line is out already: in an event of a stream.
 *
 * @publicApi
 */
export const toProblemDetails = (error: MemoryError): MemoryProblemDetails => {
  const status = statusOf(error)
  const { message: detail, ...answer } = answerOf(error)
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, ...answer }
}
