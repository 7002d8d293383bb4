import type { MessageEvent } from '@nestjs/common'
import { asJsonText } from './http-answer.js'

/** An event with plain JSON in it. Field by field, for the getters of an event that is a class. */
export function sseEvent(event: unknown, plain: (value: unknown) => unknown): unknown {
  if (typeof event !== 'object' || event === null) return plain(event)
  const { data, id, type, retry, ...others } = event as MessageEvent & { readonly comment?: string }
  const { comment } = event as { readonly comment?: string }
  const made = asJsonText(data, plain(data))
  return made === data ? event : { ...others, comment, id, type, retry, data: made }
}
