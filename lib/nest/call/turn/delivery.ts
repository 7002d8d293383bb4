import { once } from 'node:events'
import type { ContextType, ExecutionContext } from '@nestjs/common'
import { RouteOptions } from '../../route-options.js'
import { graphqlInfo } from '../graphql-info.js'
import { dataOfEvent, dataOfWsResponse, itself, type Said } from './said.js'

/** How the transport of a call delivers what its handler answers. */
export interface Delivery {
  /** Values are server-sent events. */
  readonly isSse: boolean
  /** What of a value is text, if anything is. */
  readonly said: Said
  /** Of many values, the client gets the last one. */
  readonly isLastOnly: boolean
  /** A stream is read to the client, and not taken for a value like others. */
  readonly streams: boolean
  /** Resolves when the response is out, or the client is gone; `undefined` where nothing says so. */
  readonly over: () => Promise<void> | undefined
}

/** Of Node, or a reply of Fastify around one. */
interface Response {
  readonly raw?: NodeResponse
}

type NodeResponse = NodeJS.EventEmitter & { readonly closed?: boolean; readonly writableFinished?: boolean }

const isOver = async (response: NodeResponse): Promise<void> => {
  if (response.closed === true || response.writableFinished === true) return
  const stop = new AbortController()
  try {
    const { signal } = stop
    await Promise.race(['close', 'finish'].map((event) => once(response, event, { signal })))
  } catch {
    // It failed, and is over as well.
  } finally {
    stop.abort()
  }
}

const saidOver = (type: ContextType | 'graphql', isSse: boolean): Said => {
  if (isSse) return dataOfEvent
  return type === 'ws' ? dataOfWsResponse : itself
}

export const deliveryOf = (context: ExecutionContext): Delivery => {
  const type = context.getType<ContextType | 'graphql'>()
  const isHttp = type === 'http'
  const isSse = isHttp && new RouteOptions(context).isSse
  return {
    isSse,
    said: saidOver(type, isSse),
    isLastOnly: (isHttp && !isSse) || type === 'graphql',
    streams: isHttp ? !isSse : graphqlInfo(context)?.operation?.operation === 'subscription',
    over: () => {
      if (!isHttp) return undefined
      const response = context.switchToHttp().getResponse<Response & NodeResponse>()
      return isOver(response.raw ?? response)
    },
  }
}
