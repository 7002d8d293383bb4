import { Catch, Logger, type ArgumentsHost, type ContextType, type ExceptionFilter } from '@nestjs/common'
import { throwError } from 'rxjs'
import { MemoryError } from '../../errors/memory.error.js'
import { emitException, type WsClient } from './emit-exception.js'
import { answerOf } from './error-answer.js'
import { isInternal, statusOf } from './error-status.js'
import { logInternal, report } from './error-report.js'
import { toProblemDetails } from './problem-details.js'
import { endBegun, isBegun, sendProblem, type AnyResponse } from './send-problem.js'

/**
 * Answers a MemoryError in the form of the transport it arose on:
 *
 * - HTTP, on Express and Fastify: problem details (`application/problem+json`, RFC 9457) with the status of its code, and
 *   `Retry-After` where the same request may succeed later
 * - RPC: `{ status: 'error', statusCode, code, message, retryable, executed, operationId?, path? }` as the error of the call;
 *   `statusCode` is the HTTP status of the code, for a gateway that is asked over HTTP
 * - WebSockets: the same without `statusCode` as the event `exception`, and as the acknowledgement if one is asked for
 * - GraphQL: an error with `extensions: { code, retryable, executed, operationId?, path? }`
 *
 * What only the operator can mend (`CONFIG_INVALID`, `CORRUPT`, `PERMISSION_DENIED`, an answer that cannot be serialized) is
 * told by its code alone, and logged.
 *
 * Bound as any filter: `{ provide: APP_FILTER, useExisting: MemoryExceptionFilter }`, `app.useGlobalFilters(new
 * MemoryExceptionFilter())` or `@UseFilters(MemoryExceptionFilter)`.
 *
 * @publicApi
 */
@Catch(MemoryError)
export class MemoryExceptionFilter implements ExceptionFilter<MemoryError> {
  private readonly logger = new Logger('AgentMemory')

  /** What RPC and GraphQL are to send is returned; HTTP and WebSockets are answered here. */
  catch(error: MemoryError, host: ArgumentsHost): unknown {
    logInternal(this.logger, error)
    switch (host.getType<ContextType | 'graphql'>()) {
      case 'http':
        return this.answerHttp(error, host.switchToHttp().getResponse<AnyResponse>())
      case 'rpc':
        return this.answerRpc(error)
      case 'ws':
        return this.answerWs(error, host)
      case 'graphql': {
        const { message, ...extensions } = answerOf(error)
        return Object.assign(new Error(message), { extensions })
      }
      default:
        // Of a transport that is not known here, Nest goes on to throw the error itself.
        return undefined
    }
  }

  private answerHttp(error: MemoryError, response: AnyResponse): void {
    if (!isBegun(response)) {
      sendProblem(response, toProblemDetails(error))
      return
    }
    if (!isInternal(error)) this.logger.error(`an answer broke off: ${report(error)}`)
    endBegun(response)
  }

  private answerRpc(error: MemoryError): unknown {
    // Of an event, nobody is told; and nothing says whether this was one.
    if (!isInternal(error)) this.logger.warn(`a message or an event failed: ${report(error)}`)
    return throwError(() => ({ status: 'error', statusCode: statusOf(error), ...answerOf(error) }))
  }

  private answerWs(error: MemoryError, host: ArgumentsHost): void {
    const ws = host.switchToWs()
    emitException(ws.getClient<WsClient>(), answerOf(error), ws.getPattern(), host.getArgByIndex(2))
  }
}
