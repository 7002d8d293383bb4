import { DecodeError, type PathStep } from '../codec.errors.js'
import { requireNothingBeside } from './refuse.js'
import type { RichReviver } from './rich-reviver.interface.js'
import type { RichWriter } from './rich-writer.interface.js'

const stepOf = (key: unknown, index: number): PathStep =>
  typeof key === 'string' || typeof key === 'number' ? key : index

/** `[key, value, key, value]` */
export const writeMap = (writer: RichWriter, value: object): string => {
  requireNothingBeside(value, 'Map')
  // A copy, since a getter could add to the Map while it is read.
  const entries = [...(value as Map<unknown, unknown>)]
  let text = '['
  for (const [index, [key, item]] of entries.entries()) {
    text += `${index === 0 ? '' : ','}${writer.part(key, index)},${writer.part(item, stepOf(key, index))}`
  }
  return writer.tag('map', `${text}]`)
}

export const writeSet = (writer: RichWriter, value: object): string => {
  requireNothingBeside(value, 'Set')
  return writer.tag('set', writer.items([...(value as Set<unknown>)]))
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
