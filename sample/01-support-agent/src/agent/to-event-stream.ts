import { PassThrough, pipeline, Readable } from 'node:stream'
import { describeError } from './describe-error.js'
import type { TurnEvent } from './turn-event.js'

const format = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

async function* chunks(first: TurnEvent, rest: AsyncGenerator<TurnEvent, void, undefined>): AsyncGenerator<string> {
  try {
    yield format(first.type, first)
    for await (const event of rest) yield format(event.type, event)
  } catch (error) {
    // The status line is out: what went wrong is told as an event.
    yield format('error', describeError(error))
  }
}

/**
 * Turns a turn into Server-Sent Events: `message`, `delta`…, `reply`; or `error`.
 *
 * The first event is awaited before anything is sent, so that bad input and an unreachable Redis still get their status.
 *
 * @param start begins the turn; its signal is aborted when the caller goes away
 */
export const toEventStream = async (
  start: (signal: AbortSignal) => AsyncGenerator<TurnEvent, void, undefined>,
): Promise<Readable> => {
  const gone = new AbortController()
  const events = start(gone.signal)
  const first = await events.next()
  const stream = new PassThrough()
  // When the caller goes away, Nest destroys this stream at once. The one before it could not tell: it closes only after
  // the model has said its next word.
  stream.once('close', () => gone.abort())
  pipeline(Readable.from(first.done === true ? [] : chunks(first.value, events)), stream, () => undefined)
  return stream
}
