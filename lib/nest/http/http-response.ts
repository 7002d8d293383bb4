/** What responses of Express and replies of Fastify have in common. */
export interface HttpResponse {
  header(name: string, value: string): unknown
  getHeader(name: string): unknown
  /** On Express. */
  readonly headersSent?: boolean
  /** On Fastify. */
  readonly sent?: boolean
}

/** Whether the handler answered by itself, through `@Res()`. */
export const isAnswered = (response: HttpResponse): boolean => response.headersSent === true || response.sent === true

/** Tells caches that the answer depends on what the request accepts. */
export const varyByAccept = (response: HttpResponse): void => {
  const vary = response.getHeader('Vary')
  const names = Array.isArray(vary) ? vary.join(', ') : vary
  if (typeof names !== 'string' || names === '') response.header('Vary', 'Accept')
  else if (!/(^|,)\s*(\*|accept)\s*(,|$)/i.test(names)) response.header('Vary', `${names}, Accept`)
}
