import type { Problem } from '../../errors/problem.js'
import { givenSecret } from '../given.js'
import { isOptionsObject } from '../is-options-object.js'
import { nameProblems } from '../name-problems.js'
import { ENCRYPTION_NAMES } from '../option-names.js'
import { EncryptionOptionsSchema, KEY_ID, KEY_ID_FORM } from '../schemas/encryption-options.schema.js'
import { valueProblems } from '../value-problems.js'
import { KEY_FORM, readKey } from './encryption-key.js'

type Options = Readonly<Record<string, unknown>>

const SECTION = 'serialization.encryption'
const KEYS = `${SECTION}.keys`
const KEYS_FORM = 'an object of keys by their ids, or a function that gives the key of an id'
const UNSET = 'is the environment variable it is read from set?'

const keyProblems = (id: string, key: unknown): Problem[] => {
  if (!KEY_ID.test(id)) return [{ path: KEYS, given: 'an id with other characters', allowed: `ids of ${KEY_ID_FORM}` }]
  if (readKey(key) !== undefined) return []
  return [
    { path: `${KEYS}.${id}`, given: givenSecret(key), allowed: key === undefined ? `${KEY_FORM}; ${UNSET}` : KEY_FORM },
  ]
}

const keysProblems = ({ keys, current }: Options): Problem[] => {
  if (typeof keys === 'function') return []
  if (!isOptionsObject(keys)) return [{ path: KEYS, given: givenSecret(keys), allowed: KEYS_FORM }]
  const isKnown = typeof current !== 'string' || !KEY_ID.test(current) || Object.hasOwn(keys, current)
  return [
    ...(isKnown
      ? []
      : [{ path: `${SECTION}.current`, given: 'an id without a key', allowed: `the id of one of ${KEYS}` }]),
    ...Object.entries(keys).flatMap(([id, key]) => keyProblems(id, key)),
  ]
}

/** What is wrong with `serialization.encryption`. Any of it may be a key put into the wrong place: only kinds are said. */
export function encryptionProblems(encryption: unknown): Problem[] {
  if (encryption === undefined) return []
  if (!isOptionsObject(encryption)) {
    return [{ path: SECTION, given: givenSecret(encryption), allowed: 'an object of current, keys, allowPlaintext' }]
  }
  return [
    ...nameProblems(SECTION, encryption, ENCRYPTION_NAMES, givenSecret),
    ...valueProblems(SECTION, encryption, ['current', 'allowPlaintext'], EncryptionOptionsSchema, givenSecret),
    ...keysProblems(encryption),
  ]
}
