import { DecodeError } from '../codec.errors.js'
import type { RichReviver } from './rich-reviver.interface.js'
import type { RichWriter } from './rich-writer.interface.js'

/** `[5,[[0,"a"],[3,"b"]]]`: the length, and the items that are there. */
export const writeSparse = (writer: RichWriter, array: readonly unknown[], keys: readonly string[]): string => {
  writer.claim(array.length)
  const items = keys.map((key) => `[${key},${writer.part(array[Number(key)], Number(key))}]`)
  return writer.tag('sparse', `[${array.length},[${items.join(',')}]]`)
}

const isNone = (): DecodeError => new DecodeError('an array with holes that is none')

export const reviveSparse = (content: unknown, reviver: RichReviver): unknown[] => {
  const [length, items] = Array.isArray(content) && content.length === 2 ? (content as unknown[]) : []
  if (!Number.isSafeInteger(length) || (length as number) < 0 || !Array.isArray(items)) throw isNone()
  reviver.claim(length as number)
  const array = reviver.meet<unknown[]>([])
  array.length = length as number
  let next = 0
  for (const item of items as unknown[]) {
    if (!Array.isArray(item) || item.length !== 2) throw isNone()
    const [index, value] = item as [unknown, unknown]
    if (!Number.isSafeInteger(index) || (index as number) < next || (index as number) >= array.length) throw isNone()
    array[index as number] = reviver.part(value)
    next = (index as number) + 1
  }
  return array
}
