import { Readable } from 'node:stream'
import { StreamableFile } from '@nestjs/common'
import { MemoryTooLargeError } from '../../../errors/memory-too-large.error.js'
import { isPlainObject } from '../../kinds/plain-object.js'
import type { RememberedAnswer } from '../call-options.interface.js'
import type { Delivery } from './delivery.js'
import { weightOf } from './weight-of.js'

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

/** Nest 11 writes the id it gives to an event into the event, which then has it as well when it is given again. */
const eventOf = (event: unknown): unknown =>
  typeof event === 'object' && event !== null && isPlainObject(event) ? { ...event } : event

const notHeld = (part: 'values' | 'text', most: number): MemoryTooLargeError => {
  const path = `answer.${part}`
  const message = `${path}: it came in parts that take more than maxMessageBytes, ${most}, which are not held`
  return new MemoryTooLargeError(message, { path })
}

/**
 * What a handler has answered so far. Of an answer in parts no more is held than can be kept: neither its values nor its text
 * once they take more than a message may. One value alone is there anyway, however large.
 */
export class Answer {
  readonly values: unknown[] = []
  /** Whether `values` are all of them. */
  isHeld = true
  form: AnswerForm = { kind: 'values' }
  private last: unknown
  private count = 0
  private bytes = 0
  private decoder = new TextDecoder()
  /** `undefined` when it is not held. */
  private text: string | undefined = ''
  private textBytes = 0
  private isText = true

  /** @param most bytes of one message */
  constructor(
    private readonly delivery: Pick<Delivery, 'isSse' | 'isLastOnly' | 'said'>,
    private readonly most: number,
  ) {}

  add(value: unknown): void {
    const { isSse, isLastOnly, said } = this.delivery
    if (isLastOnly && this.form.kind === 'values') this.forget()
    this.count += 1
    this.last = isSse ? eventOf(value) : value
    this.hold(this.last)
    this.hear(said(value))
  }

  /** Whether it is a single value, which the client gets when it is kept. */
  get isOne(): boolean {
    return this.form.kind === 'values' && this.count === 1
  }

  /** Whether its text says all of it. */
  get isAllText(): boolean {
    return this.isText
  }

  remembered(interrupted: boolean): RememberedAnswer {
    const { last: value, most } = this
    const values = this.isHeld ? this.values : undefined
    const text = this.text === undefined ? undefined : this.text + this.decoder.decode()
    return {
      value,
      get values() {
        if (values === undefined) throw notHeld('values', most)
        return values
      },
      get text() {
        if (text === undefined) throw notHeld('text', most)
        return text
      },
      interrupted,
    }
  }

  private hold(value: unknown): void {
    if (!this.isHeld) return
    this.values.push(value)
    if (this.count === 1) return
    const added = this.count === 2 ? this.values : [value]
    for (const each of added) this.bytes += weightOf(each, this.most)
    if (this.bytes <= this.most) return
    this.isHeld = false
    this.values.length = 0
  }

  private hear(said: unknown): void {
    const bytes =
      typeof said === 'string' ? Buffer.byteLength(said) : said instanceof Uint8Array ? said.length : undefined
    if (bytes === undefined) this.isText = false
    if (bytes === undefined || this.text === undefined) return
    this.textBytes += bytes
    if (this.count > 1 && this.textBytes > this.most) this.text = undefined
    // A character may be parted by two chunks.
    else this.text += typeof said === 'string' ? said : this.decoder.decode(said as Uint8Array, { stream: true })
  }

  private forget(): void {
    this.values.length = 0
    this.count = 0
    this.decoder = new TextDecoder()
    this.text = ''
    this.isText = true
  }
}
