/** Of a value, and of the commas and quotes around a text. */
const OF_EACH = 3

/** One that throws is for the codec to tell of, and not for a stream to end of. */
const partsOf = (value: object): Iterable<unknown> => {
  if (Array.isArray(value) || value instanceof Set) return value as Iterable<unknown>
  try {
    return value instanceof Map
      ? [...value.keys(), ...value.values()]
      : [...Object.keys(value), ...Object.values(value)]
  } catch {
    return []
  }
}

/** About how many bytes a value takes when it is written down. What is above `most` is not looked at any more: nor is a cycle. */
export const weightOf = (value: unknown, most: number): number => {
  const left = [value]
  let bytes = 0
  while (left.length > 0 && bytes <= most) {
    const next = left.pop()
    bytes += OF_EACH
    if (typeof next === 'string') bytes += Buffer.byteLength(next)
    else if (ArrayBuffer.isView(next)) bytes += next.byteLength
    else if (typeof next === 'object' && next !== null) for (const part of partsOf(next)) left.push(part)
  }
  return bytes
}
