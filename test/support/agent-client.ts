/** What a request was answered with. */
export interface Answer<Body> {
  readonly status: number
  readonly body: Body
  readonly headers: Headers
}

/** A stored message, as the sample's routes give it. */
export interface WireMessage {
  readonly id: string
  readonly seq: number
  readonly role: string
  readonly content: string
  readonly createdAt: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

export interface WireTurn {
  readonly message: WireMessage
  readonly reply?: WireMessage
  readonly duplicate: boolean
}

export interface WireMessages {
  readonly messages: readonly WireMessage[]
  readonly version: string
  readonly stale: boolean
  readonly corrupt: readonly unknown[]
}

export interface WireState {
  readonly values: Readonly<Record<string, unknown>>
  readonly versions: Readonly<Record<string, string>>
}

export interface WireContext extends WireMessages {
  readonly state: Readonly<Record<string, unknown>>
  readonly tokens: number
  readonly omitted: number
  readonly prompt: readonly { readonly role: string; readonly content: string }[]
}

/** Of the memory: problem details. Of Nest: a status code and a message. */
export interface WireError {
  readonly status?: number
  readonly detail?: string
  readonly statusCode?: number
  readonly message?: string | string[]
  readonly code?: string
  readonly retryable?: boolean
  readonly path?: string
}

export interface SendBody {
  readonly role?: string
  readonly content?: unknown
  readonly state?: unknown
}

type RequestHeaders = Readonly<Record<string, string>>

const TIMEOUT_MS = 20_000

/** Speaks to the sample's routes as any HTTP client would. */
export class AgentClient {
  constructor(private readonly url: string) {}

  async request<Body>(
    method: string,
    path: string,
    headers: RequestHeaders = {},
    body?: unknown,
  ): Promise<Answer<Body>> {
    const response = await this.fetch(method, path, headers, body)
    const text = await response.text()
    const answered: Body = text === '' ? undefined : JSON.parse(text)
    return { status: response.status, headers: response.headers, body: answered }
  }

  fetch(method: string, path: string, headers: RequestHeaders = {}, body?: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  }

  send<Body = WireTurn>(sessionId: string, body: SendBody, headers?: RequestHeaders): Promise<Answer<Body>> {
    return this.request('POST', `/agents/${encodeURIComponent(sessionId)}/messages`, headers, body)
  }

  /** The text of the agent's answer. */
  async ask(sessionId: string, content: string, headers?: RequestHeaders): Promise<string> {
    const { status, body } = await this.send(sessionId, { content }, headers)
    if (body.reply === undefined) throw new Error(`no answer, but status ${status}: ${JSON.stringify(body)}`)
    return body.reply.content
  }

  get<Body>(sessionId: string, path: string, headers?: RequestHeaders): Promise<Answer<Body>> {
    return this.request('GET', `/agents/${encodeURIComponent(sessionId)}/${path}`, headers)
  }

  messages(sessionId: string, query = '', headers?: RequestHeaders): Promise<Answer<WireMessages>> {
    return this.get(sessionId, `messages${query}`, headers)
  }

  state(sessionId: string, headers?: RequestHeaders): Promise<Answer<WireState>> {
    return this.get(sessionId, 'state', headers)
  }

  delete(sessionId: string, headers?: RequestHeaders): Promise<Answer<unknown>> {
    return this.request('DELETE', `/agents/${encodeURIComponent(sessionId)}`, headers)
  }
}
