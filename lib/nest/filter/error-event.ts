import { Logger, type ExecutionContext, type MessageEvent } from '@nestjs/common'
import { catchError, of, throwError, type Observable } from 'rxjs'
import { MemoryError } from '../../errors/memory.error.js'
import { RouteOptions } from '../route-options.js'
import { logInternal } from './error-report.js'
import { toProblemDetails } from './problem-details.js'
import { isBegun, type AnyResponse } from './send-problem.js'

const isEventStream = (context: ExecutionContext): boolean =>
  context.getType() === 'http' && new RouteOptions(context).isSse

/** As a text, of which an interceptor that exposes members of objects leaves nothing out. */
const eventOf = (error: MemoryError): MessageEvent => ({ type: 'error', data: JSON.stringify(toProblemDetails(error)) })

/**
 * Has a stream of server-sent events end with an event `error`, which says what the filter would have answered, when a
 * MemoryError ends it.
 *
 * What fails before anything was waited for is left to the filters, which can still give it a status. What fails later is an
 * event also where Nest, a timer away from sending the headers, has not done so: a client is not to be told the same failure
 * in two ways, by how fast Redis was.
 */
export const withErrorEvent = async (
  context: ExecutionContext,
  answer: () => Promise<Observable<unknown>>,
): Promise<Observable<unknown>> => {
  if (!isEventStream(context)) return answer()
  let hasWaited = false
  setImmediate(() => {
    hasWaited = true
  })
  const tell = (error: unknown): Observable<unknown> => {
    const mayHaveStatus = !hasWaited && !isBegun(context.switchToHttp().getResponse<AnyResponse>())
    if (!(error instanceof MemoryError) || mayHaveStatus) return throwError(() => error)
    logInternal(new Logger('AgentMemory'), error)
    return of(eventOf(error))
  }
  try {
    return (await answer()).pipe(catchError(tell))
  } catch (error) {
    return tell(error)
  }
}
