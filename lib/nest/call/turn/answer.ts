import { Readable } from 'node:stream'
import { StreamableFile } from '@nestjs/common'
import { isPlainObject } from '../../kinds/plain-object.js'
import type { RememberedAnswer } from '../call-options.interface.js'
import type { Delivery } from './delivery.js'

/** How an answer reaches the client. */
export type AnswerForm =
  | { readonly kind: 'values' }
  | { readonly kind: 'iterable' }
  | { readonly kind: 'readable' }
  | { readonly kind: 'file'; readonly type: string; readonly disposition: string | undefined }

/** Of a stream. */
export const formOf = (streamed: unknown): AnswerForm => {
  if (streamed instanceof StreamableFile) {
    const { type, disposition } = streamed.getHeaders()
    return { kind: 'file', type, disposition: Array.isArray(disposition) ? disposition.join(', ') : disposition }
  }
  return { kind: streamed instanceof Readable ? 'readable' : 'iterable' }
}

const dataOf = (event: unknown): unknown =>
  typeof event === 'object' && event !== null ? (event as { readonly data?: unknown }).data : undefined

/** Nest 11 writes the id it gives to an event into the event, which then has it as well when it is given again. */
const eventOf = (event: unknown): unknown =>
  typeof event === 'object' && event !== null && isPlainObject(event) ? { ...event } : event

/** What a handler has answered so far. */
export class Answer {
  readonly values: unknown[] = []
  form: AnswerForm = { kind: 'values' }
  private decoder = new TextDecoder()
  private text = ''
  private isText = true

  constructor(private readonly delivery: Pick<Delivery, 'isSse' | 'isLastOnly'>) {}

  add(value: unknown): void {
    const { isSse, isLastOnly } = this.delivery
    if (isLastOnly && this.form.kind === 'values') this.forget()
    this.values.push(isSse ? eventOf(value) : value)
    const said = isSse && typeof value !== 'string' ? dataOf(value) : value
    if (typeof said === 'string') this.text += said
    // A character may be parted by two chunks.
    else if (said instanceof Uint8Array) this.text += this.decoder.decode(said, { stream: true })
    else this.isText = false
  }

  /** Whether its text says all of it. */
  get isAllText(): boolean {
    return this.isText
  }

  remembered(interrupted: boolean): RememberedAnswer {
    const { values, text } = this
    return { value: values.at(-1), values, text: text + this.decoder.decode(), interrupted }
  }

  private forget(): void {
    this.values.length = 0
    this.decoder = new TextDecoder()
    this.text = ''
    this.isText = true
  }
}
