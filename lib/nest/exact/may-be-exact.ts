import { types as kinds } from 'node:util'
import type { RegisteredType, Types } from '../../serialization/types/registered-type.interface.js'
import type { ClassRules } from '../class-transformer/class-rules.js'

/** Of data of registered classes in each other: it is made anew each time, and might never end. */
const MAX_DEPTH = 200

/**
 * Whether a value holds nothing that the plain form hides: no class whose decorators keep something from clients, and no
 * Error, with its stack. For a client chooses the form of its answer.
 */
export function mayBeExact(value: unknown, rules: ClassRules | undefined, types: Pick<Types, 'of'>): boolean {
  const seen = new Set<unknown>()
  const left: [value: unknown, depth: number][] = [[value, 0]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [item, depth] = next
    if (typeof item !== 'object' || item === null || seen.has(item)) continue
    seen.add(item)
    if (depth > MAX_DEPTH || kinds.isNativeError(item) || rules?.hides(item) === true) return false
    const registered = types.of(item)
    if (registered === undefined) for (const member of membersOf(item)) left.push([member, depth])
    else left.push([dataOf(item, registered), depth + 1])
  }
  return true
}

/** What cannot be serialized is refused by the codec, with its path. */
const dataOf = (value: object, type: RegisteredType): unknown => {
  try {
    return type.serialize(value)
  } catch {
    return undefined
  }
}

const membersOf = (value: object): Iterable<unknown> => {
  if (ArrayBuffer.isView(value)) return []
  if (Array.isArray(value) || kinds.isSet(value)) return value
  if (kinds.isMap(value)) return [...value].flat()
  return Object.values(value)
}
