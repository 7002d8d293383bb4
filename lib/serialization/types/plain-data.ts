import { valueKind } from '../../errors/value-kind.js'
import { DecodeError } from '../codec.errors.js'

/** @throws DecodeError for what is no object with named properties */
export const namedProperties = (data: unknown): Readonly<Record<string, unknown>> => {
  if (Object.prototype.toString.call(data) === '[object Object]') return data as Readonly<Record<string, unknown>>
  throw new DecodeError(`properties expected, ${valueKind(data)} found`)
}
