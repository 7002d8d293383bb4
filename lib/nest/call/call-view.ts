import type { ContextType, ExecutionContext } from '@nestjs/common'

/** What a call brings, by the names that paths begin with. */
export type CallView = Readonly<Record<string, unknown>>

interface WithHeaders {
  readonly headers?: unknown
}

/** What the resolvers of a GraphQL request share, as the drivers for Express, Fastify and Mercurius make it. */
interface GraphqlShared {
  readonly req?: WithHeaders
  readonly request?: WithHeaders
  readonly reply?: { readonly request?: WithHeaders }
}

/** A client of socket.io; one of ws has no headers. */
interface SocketClient {
  readonly handshake?: WithHeaders
}

const ofGraphql = (context: ExecutionContext): CallView => {
  const [, args, shared] = context.getArgs<[unknown, unknown, GraphqlShared | undefined]>()
  const request = shared?.req ?? shared?.request ?? shared?.reply?.request
  return { args, headers: request?.headers }
}

/** Of the transport that the call came by: what another one would bring is not there. */
export const viewOf = (context: ExecutionContext): CallView => {
  switch (context.getType<ContextType | 'graphql'>()) {
    case 'http': {
      const { params, query, body, headers } = context.switchToHttp().getRequest<Record<string, unknown>>()
      return { params, query, body, headers }
    }
    case 'ws':
      return {
        data: context.switchToWs().getData(),
        headers: context.switchToWs().getClient<SocketClient>().handshake?.headers,
      }
    case 'rpc':
      return { data: context.switchToRpc().getData() }
    default:
      return ofGraphql(context)
  }
}
