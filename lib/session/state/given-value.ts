import { EncodeError, formatPath } from '../../serialization/codec.errors.js'
import { isPlainObject } from '../../serialization/codec/plain-object.js'
import { below, withPath } from '../../serialization/record-error.js'
import type { EncodedStateValue } from '../../serialization/state-record.js'
import { ttlOf } from './field-write.js'

/** A value to be written, as it was given. */
export interface GivenValue {
  readonly field: string
  readonly value: unknown
  readonly encoded: EncodedStateValue
}

/** A getter may answer otherwise the next time, or throw. */
export const readOnce = (values: object, field: string): unknown =>
  withPath(
    () => {
      try {
        return (values as Record<string, unknown>)[field]
      } catch {
        throw new EncodeError([], 'a getter that throws', 'a value')
      }
    },
    below(formatPath('values', [field])),
  )

/** One level deep, as the script does it. */
export const mergeValues = (stored: unknown, value: unknown): unknown =>
  isPlainObject(stored) && isPlainObject(value) ? { ...stored, ...value } : value

/** One text for equal values, whatever their order. */
export const canonicalOf = (given: readonly GivenValue[], options: { ttl?: string } | undefined): string =>
  [String(ttlOf(options)), ...given.map(({ field, encoded }) => `${JSON.stringify(field)}:${encoded.canonical}`)]
    .toSorted()
    .join('\n')
