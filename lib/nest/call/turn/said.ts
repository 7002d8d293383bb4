import { isPlainObject } from '../../kinds/plain-object.js'

/** What a value of an answer says: a text, bytes of one, or what is neither. */
export type Said = (value: unknown) => unknown

export const itself: Said = (value) => value

/** Of server-sent events, which may be texts alone. */
export const dataOfEvent: Said = (value) => {
  if (typeof value === 'string') return value
  return typeof value === 'object' && value !== null ? (value as { readonly data?: unknown }).data : undefined
}

/** Over WebSockets, of what Nest sends as an event: `{ event, data }`, its WsResponse. */
export const dataOfWsResponse: Said = (value) =>
  typeof value === 'object' && value !== null && isPlainObject(value) && typeof value['event'] === 'string'
    ? value['data']
    : value
