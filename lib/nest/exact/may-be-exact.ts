import { types as kinds } from 'node:util'
import type { RegisteredType, Types } from '../../serialization/types/registered-type.interface.js'
import type { ClassRules } from '../class-transformer/class-rules.js'

/** Deeper values are refused by the codec. */
const MAX_DEPTH = 200

/**
 * Whether a value holds no class whose decorators keep something from clients. A client chooses the form of its answer, and
 * must not get by it what the plain form hides.
 */
export function mayBeExact(value: unknown, rules: ClassRules | undefined, types: Pick<Types, 'of'>): boolean {
  if (rules === undefined) return true
  const seen = new Set<unknown>()
  const left: [value: unknown, depth: number][] = [[value, 0]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [item, depth] = next
    if (typeof item !== 'object' || item === null || seen.has(item) || depth > MAX_DEPTH) continue
    seen.add(item)
    if (rules.hides(item)) return false
    for (const member of membersOf(item, types)) left.push([member, depth + 1])
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

const membersOf = (value: object, types: Pick<Types, 'of'>): Iterable<unknown> => {
  if (ArrayBuffer.isView(value)) return []
  if (Array.isArray(value) || kinds.isSet(value)) return value
  if (kinds.isMap(value)) return [...value].flat()
  const registered = types.of(value)
  if (registered !== undefined) return [dataOf(value, registered)]
  return kinds.isNativeError(value) ? [value.cause, ...Object.values(value)] : Object.values(value)
}
