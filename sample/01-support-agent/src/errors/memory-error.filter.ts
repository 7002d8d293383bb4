import { Catch, HttpStatus, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import { MemoryError } from 'nestjs-agent-memory'
import { describeError } from './describe-error.js'

const UNAVAILABLE: number = HttpStatus.SERVICE_UNAVAILABLE

/** Gives each error of the memory its HTTP status. */
@Catch(MemoryError)
export class MemoryErrorFilter implements ExceptionFilter<MemoryError> {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: MemoryError, context: ArgumentsHost): void {
    const { httpAdapter } = this.host
    const response: unknown = context.switchToHttp().getResponse()
    const body = describeError(error)
    if (body.statusCode === UNAVAILABLE) httpAdapter.setHeader(response, 'Retry-After', '1')
    httpAdapter.reply(response, body, body.statusCode)
  }
}
