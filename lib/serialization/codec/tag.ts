/** In front of a text that holds tags or escaped keys; a text without it is plain JSON and is taken as it is. */
export const MARKER = '~'

/** The first character of a tag's only key; a user's key that begins with it gets another one. */
export const TAG = '$'
export const TAG_CODE = TAG.charCodeAt(0)

/** In every text with references. The rare character comes first, which makes the search for it fast. */
export const REFERENCE = `${TAG}ref"`

/** What JSON has no word for, by the word it has here: `{"$":"undefined"}` */
export const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
])

export const constantText = (value: number | undefined): string =>
  `{"${TAG}":"${Object.is(value, -0) ? '-0' : String(value)}"}`

/** @param text JSON text of what the tag holds */
export const tagText = (name: string, text: string): string => `{"${TAG}${name}":${text}}`

/** A number that JSON keeps. */
export const isJsonNumber = (value: unknown): value is number =>
  typeof value === 'number' && value - value === 0 && (value !== 0 || 1 / value > 0)
