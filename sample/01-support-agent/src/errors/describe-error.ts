import { HttpException, HttpStatus } from '@nestjs/common'
import { MemoryError, type MemoryErrorCode } from 'nestjs-agent-memory'

/** What the caller of the API is told. The texts of a MemoryError hold no content of a conversation. */
export interface ErrorBody {
  readonly statusCode: number
  readonly code?: string
  readonly message: string | string[]
  /** Whether the same request, with the same idempotency key, may succeed later. */
  readonly retryable: boolean
  /** Where in the input the problem is. */
  readonly path?: string
}

const STATUS: Record<MemoryErrorCode, HttpStatus> = {
  ARGUMENT_INVALID: HttpStatus.BAD_REQUEST,
  NOT_SERIALIZABLE: HttpStatus.BAD_REQUEST,
  SESSION_NOT_FOUND: HttpStatus.NOT_FOUND,
  OPERATION_REUSED: HttpStatus.CONFLICT,
  OPERATION_FORGOTTEN: HttpStatus.CONFLICT,
  VERSION_MISMATCH: HttpStatus.CONFLICT,
  FENCE_STALE: HttpStatus.CONFLICT,
  SUMMARY_REPLACED: HttpStatus.CONFLICT,
  LOCK_LOST: HttpStatus.CONFLICT,
  LOCKED: HttpStatus.LOCKED,
  LOST: HttpStatus.GONE,
  SESSION_DELETED: HttpStatus.GONE,
  TOO_LARGE: HttpStatus.PAYLOAD_TOO_LARGE,
  UNAVAILABLE: HttpStatus.SERVICE_UNAVAILABLE,
  OVERLOADED: HttpStatus.SERVICE_UNAVAILABLE,
  SHUTDOWN: HttpStatus.SERVICE_UNAVAILABLE,
  TIMEOUT: HttpStatus.GATEWAY_TIMEOUT,
  SESSION_FULL: HttpStatus.INSUFFICIENT_STORAGE,
  SERVER_FULL: HttpStatus.INSUFFICIENT_STORAGE,
  JOURNAL_FULL: HttpStatus.INSUFFICIENT_STORAGE,
  CONFIG_INVALID: HttpStatus.INTERNAL_SERVER_ERROR,
  CORRUPT: HttpStatus.INTERNAL_SERVER_ERROR,
  PERMISSION_DENIED: HttpStatus.INTERNAL_SERVER_ERROR,
}

/** A value of the answer that JSON cannot say is no fault of the caller. */
const statusOf = ({ code, path }: MemoryError): HttpStatus =>
  code === 'NOT_SERIALIZABLE' && path?.startsWith('response') === true ? HttpStatus.INTERNAL_SERVER_ERROR : STATUS[code]

export const describeError = (error: unknown): ErrorBody => {
  if (error instanceof MemoryError) {
    const { code, message, retryable, path } = error
    return { statusCode: statusOf(error), code, message, retryable, path }
  }
  if (error instanceof HttpException) {
    const body = error.getResponse()
    const statusCode = error.getStatus()
    return typeof body === 'string'
      ? { statusCode, message: body, retryable: false }
      : { message: error.message, retryable: false, ...body, statusCode }
  }
  return { statusCode: HttpStatus.INTERNAL_SERVER_ERROR, message: 'Internal server error', retryable: false }
}
