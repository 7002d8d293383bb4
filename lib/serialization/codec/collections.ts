import { DecodeError, type PathStep } from '../codec.errors.js'
import { requireNothingBeside } from './refuse.js'
import type { RichReviver } from './rich-reviver.interface.js'
import type { RichWriter } from './rich-writer.interface.js'

const stepOf = (key: unknown, index: number): PathStep =>
  typeof key === 'string' || typeof key === 'number' ? key : index

/** `[key, value, key, value]` */
export const writeMap = (writer: RichWriter, map: object): string => {
  requireNothingBeside(map, 'Map')
  const items = [...(map as Map<unknown, unknown>)].map(
    ([key, value], index) => `${writer.part(key, index)},${writer.part(value, stepOf(key, index))}`,
  )
  return writer.tag('map', `[${items.join(',')}]`)
}

export const writeSet = (writer: RichWriter, set: object): string => {
  requireNothingBeside(set, 'Set')
  const items = [...(set as Set<unknown>)].map((item, index) => writer.part(item, index))
  return writer.tag('set', `[${items.join(',')}]`)
}

export const reviveMap = (content: unknown, reviver: RichReviver): Map<unknown, unknown> => {
  if (!Array.isArray(content) || content.length % 2 !== 0) throw new DecodeError('a Map that is none')
  const map = reviver.meet(new Map<unknown, unknown>())
  for (let index = 0; index < content.length; index += 2) {
    const key = reviver.part(content[index])
    map.set(key, reviver.part(content[index + 1]))
  }
  if (map.size * 2 !== content.length) throw new DecodeError('a Map with a key given twice')
  return map
}

export const reviveSet = (content: unknown, reviver: RichReviver): Set<unknown> => {
  if (!Array.isArray(content)) throw new DecodeError('a Set that is none')
  const set = reviver.meet(new Set<unknown>())
  for (const item of content as unknown[]) set.add(reviver.part(item))
  if (set.size !== content.length) throw new DecodeError('a Set with an item given twice')
  return set
}
