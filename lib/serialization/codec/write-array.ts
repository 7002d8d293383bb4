import { below, refuse } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'
import { writeSparse } from './sparse.js'
import { isJsonNumber } from './tag.js'

/** From here on, it pays to look whether an array holds nothing but numbers. */
const MANY_NUMBERS = 16

/** Keys in the order of Object.keys: indices first, so the last one tells whether others are among them. */
const isDense = (keys: readonly string[], length: number): boolean =>
  keys.length === length && (length === 0 || keys[length - 1] === `${length - 1}`)

const isIndex = (key: string, length: number): boolean => Number(key) < length && `${Number(key) >>> 0}` === key

export const writeItems = (writer: RichWriter, items: readonly unknown[]): string => {
  let text = '['
  let index = 0
  try {
    for (; index < items.length; index += 1) text += (index === 0 ? '' : ',') + writer.text(items[index])
  } catch (error) {
    throw below(index, error)
  }
  return `${text}]`
}

const writeNumbers = (writer: RichWriter, array: readonly unknown[]): string => {
  // A copy, so that each item is read once.
  const items = [...array]
  return items.every(isJsonNumber) ? `[${items.join(',')}]` : writeItems(writer, items)
}

export const writeArray = (writer: RichWriter, array: readonly unknown[]): string => {
  const { length } = array
  const keys = Object.keys(array)
  if (Object.getOwnPropertySymbols(array).length > 0) refuse('an array with a symbol key')
  if (isDense(keys, length)) {
    return length >= MANY_NUMBERS && isJsonNumber(array[0]) ? writeNumbers(writer, array) : writeItems(writer, array)
  }
  const last = keys.at(-1)
  if (last !== undefined && !isIndex(last, length)) refuse('an array with a key beside its indices')
  return writeSparse(writer, array, keys)
}
