import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import { SSE_METADATA } from '@nestjs/common/constants.js'
import { Reflector } from '@nestjs/core'
import { MemoryError, toProblemDetails } from 'nestjs-agent-memory'
import { catchError, of, throwError, type Observable } from 'rxjs'

const problemOf = (error: unknown): Observable<unknown> =>
  error instanceof MemoryError ? of({ type: 'error', data: toProblemDetails(error) }) : throwError(() => error)

/** When a stream fails, its status is out already: what is the matter is told as its last event. */
@Injectable()
export class StreamProblems implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const isStream = this.reflector.get<true | undefined>(SSE_METADATA, context.getHandler())
    return isStream ? next.handle().pipe(catchError(problemOf)) : next.handle()
  }
}
