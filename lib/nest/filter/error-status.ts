import { HttpStatus } from '@nestjs/common'
import type { MemoryError, MemoryErrorCode } from '../../errors/memory.error.js'

const STATUS: Readonly<Record<MemoryErrorCode, HttpStatus>> = {
  ARGUMENT_INVALID: HttpStatus.BAD_REQUEST,
  NOT_SERIALIZABLE: HttpStatus.BAD_REQUEST,
  SESSION_NOT_FOUND: HttpStatus.NOT_FOUND,
  OPERATION_REUSED: HttpStatus.CONFLICT,
  OPERATION_FORGOTTEN: HttpStatus.CONFLICT,
  VERSION_MISMATCH: HttpStatus.CONFLICT,
  FENCE_STALE: HttpStatus.CONFLICT,
  SUMMARY_REPLACED: HttpStatus.CONFLICT,
  LOCK_LOST: HttpStatus.CONFLICT,
  LOST: HttpStatus.GONE,
  SESSION_DELETED: HttpStatus.GONE,
  TOO_LARGE: HttpStatus.PAYLOAD_TOO_LARGE,
  LOCKED: HttpStatus.LOCKED,
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

/** Where the value of an answer is meant, in its plain form (`response`) or its exact one (`value`). */
const IN_ANSWER = /^(?:response|value)(?:[.[]|$)/

/** The HTTP status of an error. A value of the answer that cannot be said is no fault of the caller. */
export const statusOf = ({ code, path = '' }: Pick<MemoryError, 'code' | 'path'>): HttpStatus =>
  code === 'NOT_SERIALIZABLE' && IN_ANSWER.test(path) ? HttpStatus.INTERNAL_SERVER_ERROR : STATUS[code]

/** Whether only the operator of the application can do something about it, and nobody else is told what it is. */
export const isInternal = (error: MemoryError): boolean => statusOf(error) === HttpStatus.INTERNAL_SERVER_ERROR
