import { Readable } from 'node:stream'
import { StreamableFile } from '@nestjs/common'
import { from, of, type Observable } from 'rxjs'
import type { MessageInput } from '../../../model/message.interface.js'
import type { Answer, AnswerForm } from './answer.js'

/** An answer as it is written ahead of its turn. */
export interface AnswerRecord {
  /** What is remembered of it: all messages of the turn but the user's. */
  readonly messages: readonly MessageInput[]
  /** What the handler answered; of a file its bytes. */
  readonly values: readonly unknown[]
  readonly form: AnswerForm
}

/** What the transport of the call says of answers that are given again. */
export interface Replayable {
  /** The exact value, or the plain JSON of one that cannot be kept. */
  readonly storable: (value: unknown) => unknown
  /** The client is told that it is no new answer. */
  readonly mark: () => void
}

const joined = (chunks: readonly unknown[]): Buffer =>
  Buffer.concat(chunks.map((chunk) => (chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk)))))

/** `undefined` of an answer that is not held any more. */
export const recordAnswer = (
  messages: readonly MessageInput[],
  { values, isHeld, form }: Answer,
  { storable }: Replayable,
): AnswerRecord | undefined =>
  isHeld ? { messages, form, values: form.kind === 'file' ? [joined(values)] : values.map(storable) } : undefined

async function* each(values: readonly unknown[]): AsyncGenerator {
  yield* values
}

/** The same answer again. */
export const replayAnswer = ({ values, form }: AnswerRecord, { mark }: Replayable): Observable<unknown> => {
  mark()
  if (form.kind === 'values') return from(values)
  if (form.kind === 'iterable') return of(each(values))
  if (form.kind === 'readable') {
    return of(Readable.from(values, { objectMode: values.some((value) => !(value instanceof Uint8Array)) }))
  }
  const [bytes] = values as readonly [Uint8Array]
  const { type, disposition } = form
  const options = { type, length: bytes.length, ...(disposition !== undefined && { disposition }) }
  return of(new StreamableFile(bytes, options))
}
