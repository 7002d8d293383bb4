import {
  Inject,
  Injectable,
  type CallHandler,
  type ContextType,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common'
import { map, type Observable } from 'rxjs'
import { Serialization } from '../serialization/serialization.js'
import { loadClassTransformer } from './class-transformer/load-class-transformer.js'
import { mayBeExact } from './exact/may-be-exact.js'
import { acceptsExact } from './exact/media-type.js'
import { MemoryJson } from './exact/memory-json.js'
import { httpAnswer } from './http/http-answer.js'
import type { HttpResponse } from './http/http-response.js'
import { isStreamed } from './kinds/streamed.js'
import { sseEvent } from './http/sse-event.js'
import { PlainForm } from './plain-json/plain-form.js'
import { toGraphqlValue } from './plain-json/to-graphql-value.js'
import { RouteOptions } from './route-options.js'

type Convert = (value: unknown) => unknown

interface HttpRequest {
  readonly headers: Readonly<Record<string, unknown>>
}

/**
 * Turns what handlers return into plain JSON: ISO dates, decimal strings, base64 bytes, arrays for Map and Set, and what
 * registered classes and the decorators of class-transformer say. Plain values are handed on as they are, streams and files
 * too. For HTTP, server-sent events, RPC, WebSockets and GraphQL (where instances of classes and Dates stay).
 *
 * An HTTP client that accepts `application/vnd.agent-memory+json` gets exact values instead, unless decorators hide
 * something in them.
 *
 * Bound as any interceptor: `{ provide: APP_INTERCEPTOR, useExisting: MemorySerializationInterceptor }`, or
 * `@UseInterceptors(MemorySerializationInterceptor)`. It takes the place of Nest's ClassSerializerInterceptor.
 *
 * A cyclic value is answered by an error (500 over HTTP), logged with its path.
 *
 * @publicApi
 */
@Injectable()
export class MemorySerializationInterceptor implements NestInterceptor {
  private readonly classTransformer = loadClassTransformer()
  private readonly json: MemoryJson

  constructor(@Inject(Serialization) private readonly serialization: Serialization) {
    this.json = new MemoryJson(serialization)
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const convert = this.conversionFor(context)
    return convert === undefined ? next.handle() : next.handle().pipe(map(convert))
  }

  private conversionFor(context: ExecutionContext): Convert | undefined {
    const type = context.getType<ContextType | 'graphql'>()
    if (type === 'graphql') return this.forGraphql
    const route = new RouteOptions(context)
    const plain = new PlainForm(this.serialization.types, this.classTransformer, route.expose)
    if (type !== 'http') return (value) => (isStreamed(value) ? value : plain.of(value))
    if (route.isRendered) return undefined
    return route.isSse ? (event) => sseEvent(event, plain.of) : this.forHttp(context, route, plain)
  }

  private readonly forGraphql: Convert = (value) =>
    isStreamed(value) ? value : toGraphqlValue(value, this.serialization.types)

  private forHttp(context: ExecutionContext, route: RouteOptions, plain: PlainForm): Convert {
    const http = context.switchToHttp()
    const { headers } = http.getRequest<HttpRequest>()
    const response = http.getResponse<HttpResponse>()
    const wantsExact = acceptsExact(headers['accept']) && route.expose === undefined
    const exact = (value: unknown): string | undefined =>
      wantsExact && mayBeExact(value, plain.rules, this.serialization.types) ? this.json.encode(value) : undefined
    return (value) => httpAnswer(value, response, { plain: plain.of, exact })
  }
}
