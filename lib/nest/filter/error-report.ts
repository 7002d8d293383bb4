import type { Logger } from '@nestjs/common'
import type { MemoryError } from '../../errors/memory.error.js'
import { isInternal } from './error-status.js'

const quoted = (name: string, id: string | undefined): string[] =>
  id === undefined ? [] : [`${name} ${JSON.stringify(id)}`]

/** The error with its ids, for the log. */
export const report = ({ code, message, sessionId, operationId }: MemoryError): string => {
  const ids = [...quoted('session', sessionId), ...quoted('operation', operationId)]
  return `${code}: ${message}${ids.length === 0 ? '' : ` (${ids.join(', ')})`}`
}

/** Logs what only the operator can mend: a client is told its code, and nothing else. */
export const logInternal = (logger: Logger, error: MemoryError): void => {
  if (isInternal(error)) logger.error(report(error), error.stack)
}
