import { HttpException, Logger } from '@nestjs/common'
import { MemoryError, toProblemDetails } from 'nestjs-agent-memory'

const logger = new Logger('SupportAgent')

/** What is told of an error once the status line is out: the body that a filter would have answered with. */
export const describeError = (error: unknown): unknown => {
  if (error instanceof HttpException) return error.getResponse()
  if (!(error instanceof MemoryError)) return { statusCode: 500, message: 'Internal server error', retryable: false }
  logger.error(error.stack)
  return toProblemDetails(error)
}
