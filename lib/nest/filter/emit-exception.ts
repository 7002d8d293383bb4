import type { ErrorAnswer } from './error-answer.js'

/** A client of socket.io has `emit`. One of `ws` has it as well, for its own listeners: what reaches the other side is `send`. */
export interface WsClient {
  readonly readyState?: unknown
  send?(text: string): unknown
  emit?(event: string, payload: unknown): unknown
}

/** Sends the event that Nest sends of an error; its `cause` names the message that was asked, and not what was in it. */
export const emitException = (client: WsClient, answer: ErrorAnswer, pattern: string, acknowledge: unknown): void => {
  const payload = { status: 'error', ...answer, cause: { pattern } }
  if (typeof client.readyState === 'number') client.send?.(JSON.stringify({ event: 'exception', data: payload }))
  else client.emit?.('exception', payload)
  // Who asked for an acknowledgement waits for it, with socket.io for ever.
  if (typeof acknowledge === 'function') acknowledge(payload)
}
