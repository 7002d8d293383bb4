import { DecodeError } from '../codec.errors.js'
import type { RegisteredType, Types } from '../types/registered-type.interface.js'
import { MAX_SHOWN_NAME } from './limits.js'
import type { RichWriter } from './rich-writer.interface.js'

/** `["Money",2,<data>]`: name, version, and what `serialize` gives */
export const writeInstance = (writer: RichWriter, registered: RegisteredType, instance: object): string => {
  const { name, version } = registered
  const data = registered.serialize(instance)
  return writer.tag('type', `[${JSON.stringify(name)},${version},${writer.inside(instance, data)}]`)
}

const shown = (name: string): string => name.slice(0, MAX_SHOWN_NAME).replaceAll(/[^ -~]/g, '?')

const make = (registered: RegisteredType, data: unknown, version: number): object => {
  try {
    const instance: unknown = registered.deserialize(data, version)
    if (typeof instance === 'object' && instance !== null) return instance
  } catch (error) {
    if (error instanceof DecodeError) throw error
  }
  throw new DecodeError(`data that ${shown(registered.name)} cannot be made of`)
}

/** @param revive revives the data, which is asked for once the class is known */
export const reviveInstance = (content: unknown, types: Types, revive: (data: unknown) => unknown): object => {
  const [name, version, data] = Array.isArray(content) && content.length === 3 ? (content as unknown[]) : []
  if (typeof name !== 'string' || !Number.isSafeInteger(version) || (version as number) < 1) {
    throw new DecodeError('an instance that is none')
  }
  const registered = types.named(name)
  if (registered === undefined) throw new DecodeError(`a registered type that is not known here: ${shown(name)}`)
  return make(registered, revive(data), version as number)
}
