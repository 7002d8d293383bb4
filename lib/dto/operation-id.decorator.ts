import { createParamDecorator, type ExecutionContext } from '@nestjs/common'

interface Request {
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** The `Idempotency-Key` of a request, if it has one. Unlike `@Headers(name)`, it is not documented as required. */
export const OperationId = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<Request>().headers['idempotency-key'],
)
