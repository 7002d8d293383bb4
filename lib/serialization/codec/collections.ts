import type { PathStep } from '../codec.errors.js'
import { requireNothingBeside } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'

const { entries } = Map.prototype
const { values } = Set.prototype

const stepOf = (key: unknown, index: number): PathStep =>
  typeof key === 'string' || typeof key === 'number' ? key : index

/** `[key, value, key, value]` */
export const writeMap = (writer: RichWriter, map: object): string => {
  requireNothingBeside(map, 'Map')
  const items = [...entries.call(map as Map<unknown, unknown>)].map(
    ([key, value], index) => `${writer.part(key, index)},${writer.part(value, stepOf(key, index))}`,
  )
  return writer.tag('map', `[${items.join(',')}]`)
}

export const writeSet = (writer: RichWriter, set: object): string => {
  requireNothingBeside(set, 'Set')
  const items = [...values.call(set as Set<unknown>)].map((item, index) => writer.part(item, index))
  return writer.tag('set', `[${items.join(',')}]`)
}
