import { types } from 'node:util'

/** Also one of another realm, as those of Node's own modules are to what a Jest test loads. */
export const isError = (value: unknown): value is Error =>
  value instanceof Error || types.isNativeError(value) || value instanceof DOMException
