import * as fc from 'fast-check'

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '~',
  '$',
  '$$',
  '0',
  '-',
  '9'.repeat(30),
  'null',
  'true',
  '""',
  '{}',
  '[]',
  '\u0000',
  '\ud800',
  '{"$ref":0}',
  '{"$ref":1}',
  '{"$":"undefined"}',
  '{"$":"-0"}',
  '{"$date":null}',
  '{"$date":"x"}',
  '{"$bigint":"1"}',
  '{"$map":[1]}',
  '{"$map":[1,2]}',
  '{"$set":[1]}',
  '{"$sparse":[1000000,[]]}',
  '{"$bytes":["Buffer","AA=="]}',
  '{"$error":["Error",[]]}',
  '{"$null":{}}',
  '{"$type":["Money",2,[]]}',
  '{"$regexp":["(","",0]}',
  '{"$url":"x"}',
  '"__proto__":',
  '"$date":',
  '"$map":',
  '"$ref":',
  '"$type":',
  '"$sparse":',
]
const TAGS = ['date', 'bigint', 'map', 'set', 'regexp', 'url', 'bytes', 'error', 'null', 'sparse', 'type', 'ref', '']

/** One change of a text; the numbers choose where and what. */
export type Mutation = readonly [kind: number, at: number, other: number, length: number]

export const arbitraryMutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.nat(7),
  fc.nat(10_000),
  fc.nat(10_000),
  fc.integer({ min: 1, max: 12 }),
)

const replaceTag = (text: string, number: number, tag: string): string => {
  const tags = [...text.matchAll(/"\$[a-z]*"/g)]
  const found = tags[number % Math.max(1, tags.length)]
  return found === undefined
    ? text
    : `${text.slice(0, found.index)}"$${tag}"${text.slice(found.index + found[0].length)}`
}

/** Applies one change: flips, removes, inserts, doubles or moves characters, or puts a piece or another tag in. */
export const mutate = (text: string, [kind, at, other, length]: Mutation): string => {
  const start = at % (text.length + 1)
  const end = Math.min(text.length, start + length)
  const [before, middle, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)]
  const piece = PIECES[other % PIECES.length]!
  switch (kind) {
    case 0:
      return before + String.fromCharCode((text.charCodeAt(start) || 0) ^ (1 << (other % 8))) + text.slice(start + 1)
    case 1:
      return before + after
    case 2:
      return before + piece + middle + after
    case 3:
      return before + middle + middle + after
    case 4:
      return before + piece + after
    case 5: {
      const rest = before + after
      const place = other % (rest.length + 1)
      return rest.slice(0, place) + middle + rest.slice(place)
    }
    case 6:
      return replaceTag(text, at, TAGS[other % TAGS.length]!)
    default:
      return text.replace(/\d+/g, (digits) => (other % 3 === 0 ? digits : `${(Number(digits) + at) % 12}`))
  }
}
