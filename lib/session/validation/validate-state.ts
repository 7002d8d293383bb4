import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { valueKind } from '../../errors/value-kind.js'

const MAX_NAME = 128
const CONTROL = /\p{Cc}/u
const NAME = `1 to ${MAX_NAME} characters without control characters`

/** @throws MemoryInvalidError */
export const fieldName = (name: unknown, path: string): void => {
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME) {
    throw new MemoryInvalidError({ path, given: valueKind(name), allowed: NAME })
  }
  if (CONTROL.test(name) || !name.isWellFormed()) {
    throw new MemoryInvalidError({
      path,
      given: 'a name with control characters or half a surrogate pair',
      allowed: NAME,
    })
  }
}

/** @throws MemoryInvalidError */
export const validateValues = (values: unknown, most: number): void => {
  const allowed = `a plain object with 1 to ${most} fields`
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new MemoryInvalidError({ path: 'values', given: valueKind(values), allowed })
  }
  const names = Object.keys(values)
  if (names.length === 0 || names.length > most) {
    throw new MemoryInvalidError({ path: 'values', given: `${names.length} fields`, allowed })
  }
  for (const name of names) fieldName(name, 'values')
}

/** @throws MemoryInvalidError */
export const validateFieldNames = (fields: unknown, most: number): void => {
  if (!Array.isArray(fields) || fields.length === 0 || fields.length > most) {
    throw new MemoryInvalidError({
      path: 'fields',
      given: valueKind(fields),
      allowed: `an array of 1 to ${most} field names`,
    })
  }
  for (const [index, field] of fields.entries()) fieldName(field, `fields[${index}]`)
}
