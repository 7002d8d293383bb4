import { types } from 'node:util'
import type { BuiltIn } from './built-in.interface.js'
import { BYTE_KINDS } from './byte-kinds.js'
import { writeBytes } from './bytes.js'
import { isDate, writeDate } from './dates.js'
import { ERROR_KINDS } from './error-kinds.js'
import { writeError } from './errors.js'
import { writeMap, writeSet } from './collections.js'
import { writeRegExp } from './regular-expressions.js'
import { writeUrl } from './urls.js'

const BUILT_INS: readonly BuiltIn[] = [
  { name: 'Date', prototype: Date.prototype, is: isDate, write: writeDate },
  { name: 'Map', prototype: Map.prototype, is: types.isMap, write: writeMap },
  { name: 'Set', prototype: Set.prototype, is: types.isSet, write: writeSet },
  { name: 'RegExp', prototype: RegExp.prototype, is: types.isRegExp, write: writeRegExp },
  { name: 'URL', prototype: URL.prototype, is: () => true, write: writeUrl },
  ...BYTE_KINDS.map(({ name, prototype, is }) => ({ name, prototype, is, write: writeBytes })),
  ...ERROR_KINDS.map(({ name, prototype }) => ({ name, prototype, is: types.isNativeError, write: writeError })),
]

const byPrototype = new Map<unknown, BuiltIn>(BUILT_INS.map((builtIn) => [builtIn.prototype, builtIn]))
const byName = new Map(BUILT_INS.map((builtIn) => [builtIn.name, builtIn]))

/** The built-in class of this realm that has the prototype. */
export const builtInOf = (prototype: unknown): BuiltIn | undefined => byPrototype.get(prototype)

/** The built-in class that a class of another realm is the counterpart of. */
export const builtInNamed = (name: string): BuiltIn | undefined => byName.get(name)
