import type { Types } from '../types/registered-type.interface.js'
import { builtInNamed, builtInOf } from './built-ins.js'
import { foreignName } from './foreign.js'
import { writeInstance } from './instance.js'
import { refuse, refuseKindOf } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'

const writeForeign = (writer: RichWriter, value: object, prototype: object): string => {
  const name = foreignName(prototype)
  if (name === 'Object') return writer.object(value)
  if (name === 'Array' && Array.isArray(value)) return writer.array(value)
  const builtIn = name === undefined ? undefined : builtInNamed(name)
  if (builtIn === undefined || !builtIn.is(value)) return refuseKindOf(value)
  return builtIn.write(writer, value, builtIn)
}

/** Writes what is neither a plain object nor an array of this realm. */
export const writeRich = (writer: RichWriter, types: Types, value: object): string => {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null) return writer.tag('null', writer.object(value))
  const builtIn = builtInOf(prototype)
  if (builtIn !== undefined) {
    return builtIn.is(value)
      ? builtIn.write(writer, value, builtIn)
      : refuse('an object that only looks like a built-in one')
  }
  const registered = types.of(value)
  return registered === undefined ? writeForeign(writer, value, prototype) : writeInstance(writer, registered, value)
}
