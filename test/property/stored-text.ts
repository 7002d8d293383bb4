/** A value as the text that stands for it in Redis, and the members of an object. */
export interface StoredText {
  readonly payload: string
  readonly rich: boolean
  /** By the text of their keys. */
  readonly members: ReadonlyMap<string, string> | undefined
}

/** A value in two words: JSON, with tags for what JSON has not, and another `$` before keys that begin with one. */
const textOf = (value: unknown): { readonly text: string; readonly rich: boolean } => {
  if (value instanceof Date) return { text: `{"$date":"${value.toISOString()}"}`, rich: true }
  if (typeof value === 'bigint') return tagged('$bigint', `"${value}"`)
  if (value === undefined || Object.is(value, -0)) return tagged('$', value === undefined ? '"undefined"' : '"-0"')
  if (value instanceof Map) return tagged('$map', textOf([...value].flat(1)).text)
  if (value instanceof Set) return tagged('$set', textOf([...value]).text)
  if (Array.isArray(value)) {
    const items = value.map((item) => textOf(item))
    return { text: `[${items.map(({ text }) => text).join(',')}]`, rich: items.some(({ rich }) => rich) }
  }
  if (typeof value !== 'object' || value === null) return { text: JSON.stringify(value), rich: false }
  const { members, rich } = membersOf(value)
  return { text: `{${[...members.values()].join(',')}}`, rich }
}

const tagged = (tag: string, text: string): ReturnType<typeof textOf> => ({ text: `{"${tag}":${text}}`, rich: true })

const membersOf = (value: object): { readonly members: Map<string, string>; readonly rich: boolean } => {
  let rich = false
  const members = new Map<string, string>()
  for (const [key, item] of Object.entries(value)) {
    const escaped = JSON.stringify(key.startsWith('$') ? `$${key}` : key)
    const { text, rich: isRich } = textOf(item)
    rich ||= isRich || key.startsWith('$')
    members.set(escaped, `${escaped}:${text}`)
  }
  return { members, rich }
}

export const storedText = (value: unknown): StoredText => {
  const isObject = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  const { text, rich } = textOf(value)
  return { payload: `${rich ? '~' : ''}${text}`, rich, members: isObject ? membersOf(value).members : undefined }
}
