const MIN_LENGTH = 3
/** More than a message is worth: beyond it, the message counts as one that repeats something. */
const MAX_VALUES = 10_000

const textOfObject = (value: object): string[] => {
  if (value instanceof Date) return [String(value).slice(0, 15), JSON.stringify(value).slice(1, 11)]
  const ownForm: unknown = Reflect.get(value, 'toString')
  if (typeof ownForm !== 'function' || ownForm === Object.prototype.toString || Array.isArray(value)) return []
  return [String(Reflect.apply(ownForm, value, []))]
}

/** The texts as which a value itself, without what is in it, could stand in a message. */
const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)]
  return typeof value === 'object' && value !== null ? textOfObject(value) : []
}

const within = (value: unknown): unknown[] => {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  if (value instanceof Map) return [...value].flat()
  return value instanceof Set ? [...value] : Object.values(value)
}

/**
 * Whether a text repeats a text or a number out of the values, of 3 characters or more, in letters of any case.
 * What cannot be told counts as repeated; what stands in `shown` as well does not count.
 */
export const repeatsValues = (text: string, values: Iterable<unknown>, shown: string): boolean => {
  const seen = new Set(values)
  try {
    const message = text.toLowerCase()
    const known = shown.toLowerCase()
    const repeats = (own: string): boolean => own.length >= MIN_LENGTH && message.includes(own) && !known.includes(own)
    for (const value of seen) {
      if (seen.size > MAX_VALUES) return true
      if (textsOf(value).some((own) => repeats(own.toLowerCase()))) return true
      // A Set is walked to its end, also when it grows on the way, and holds a cycle once.
      for (const inner of within(value)) seen.add(inner)
    }
    return false
  } catch {
    return true
  }
}
