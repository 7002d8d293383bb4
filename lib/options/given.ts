import { valueKind } from '../errors/value-kind.js'

/** What a number, a duration, a size or a name may look like, and a URL with a password does not. */
const SHOWABLE = /^[\w .,:;+*?{}[\]()-]{1,40}$/

/** Shows an option as it was given where that is short and no secret, and its kind otherwise. */
export const givenOption = (value: unknown): string =>
  typeof value === 'string' && SHOWABLE.test(value) ? `'${value}'` : valueKind(value)

/** Only the kind, of what may be a secret or hold one: no number, no length. */
export const givenSecret = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty string' : 'a string'
    case 'number':
      return Number.isFinite(value) ? 'a number' : valueKind(value)
    default:
      return valueKind(value)
  }
}
