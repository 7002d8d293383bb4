import { HttpStatus } from '@nestjs/common'
import type { MemoryProblemDetails } from './problem-details.js'

/** A response of Node: that of Express is one, and so is what middleware on Fastify gets. */
interface NodeResponse {
  statusCode: number
  readonly headersSent: boolean
  setHeader(name: string, value: string): unknown
  end(body?: string): unknown
}

/** What a response of Express and a reply of Fastify have in common. */
interface FrameworkResponse {
  status(code: number): unknown
  header(name: string, value: string): unknown
  send(body: string): unknown
}

/** A reply of Fastify. */
interface FastifyReply extends FrameworkResponse {
  readonly raw: NodeResponse
  readonly sent: boolean
}

export type AnyResponse = NodeResponse | (NodeResponse & FrameworkResponse) | FastifyReply

const MEDIA_TYPE = 'application/problem+json'

/** In seconds. An open breaker lets the next command through within half of one. */
const RETRY_AFTER = '1'

/** Statuses that say: not now. */
const LATER: ReadonlySet<number> = new Set([HttpStatus.SERVICE_UNAVAILABLE, HttpStatus.LOCKED])

const isFastify = (response: AnyResponse): response is FastifyReply => 'raw' in response

const isOfFramework = (response: AnyResponse): response is Extract<AnyResponse, FrameworkResponse> => 'send' in response

/** Whether an answer has begun, as a stream does before it fails. */
export const isBegun = (response: AnyResponse): boolean =>
  isFastify(response) ? response.sent || response.raw.headersSent : response.headersSent

/** What has begun can only be ended. */
export const endBegun = (response: AnyResponse): void => {
  const node = isFastify(response) ? response.raw : response
  node.end()
}

/**
 * Answers with the problem. Without Nest's HTTP adapter: a filter made with `new` has none, and those of Nest 11 make
 * `application/json` of an object under another media type.
 */
export const sendProblem = (response: AnyResponse, problem: MemoryProblemDetails): void => {
  const body = JSON.stringify(problem)
  const headers = Object.entries({
    'Content-Type': MEDIA_TYPE,
    ...(LATER.has(problem.status) && problem.retryable ? { 'Retry-After': RETRY_AFTER } : {}),
  })
  if (isOfFramework(response)) {
    response.status(problem.status)
    for (const [name, value] of headers) response.header(name, value)
    response.send(body)
    return
  }
  response.statusCode = problem.status
  for (const [name, value] of headers) response.setHeader(name, value)
  response.end(body)
}
