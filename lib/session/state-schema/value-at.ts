import { valueKind } from '../../errors/value-kind.js'
import { givenSecret } from '../../options/given.js'
import type { PathStep } from '../../serialization/codec.errors.js'

const UNREADABLE = 'a value that cannot be read'

/** The kind of a value of a session's state. A number is content here, as a phone number is. */
export const kindOf = (value: unknown): string => {
  try {
    return typeof value === 'number' ? givenSecret(value) : valueKind(value)
  } catch {
    // A proxy, or a getter that throws.
    return UNREADABLE
  }
}

const into = (value: unknown, step: PathStep): unknown => {
  if (value instanceof Map) return [...value].find(([key]) => String(key) === String(step))?.[1]
  if (value instanceof Set) return [...value][Number(step)]
  return typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined
}

/** The kind of what stands at the end of a path; `undefined` where the path leads nowhere. */
export const kindAt = (values: ReadonlyMap<string, unknown>, steps: readonly PathStep[]): string => {
  try {
    return kindOf(steps.reduce<unknown>(into, values))
  } catch {
    return UNREADABLE
  }
}
