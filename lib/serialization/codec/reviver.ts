import { DecodeError } from '../codec.errors.js'
import type { Types } from '../types/registered-type.interface.js'
import { reviveBigint } from './bigint.js'
import { reviveBytes } from './bytes.js'
import { reviveMap, reviveSet } from './collections.js'
import { reviveDate } from './dates.js'
import { reviveError } from './errors.js'
import { reviveInstance } from './instance.js'
import { MAX_DEPTH, MAX_SPARSE_LENGTH } from './limits.js'
import { tooDeep } from './nesting.js'
import { setOwn } from './own-property.js'
import { reviveRegExp } from './regular-expressions.js'
import type { RichReviver } from './rich-reviver.interface.js'
import { reviveSparse } from './sparse.js'
import { CONSTANTS, TAG, TAG_CODE } from './tag.js'
import { reviveUrl } from './urls.js'

type Plain = Record<string, unknown>

const isEscaped = (key: string): boolean => key.charCodeAt(1) === TAG_CODE

/** Turns what JSON.parse made of a marked text into the value, in place where that is possible. */
export class Reviver {
  /** The containers so far, in the order the writer met them; `undefined` for an instance that is not made yet. */
  private readonly met: (object | undefined)[] = []
  private sparseLength = 0

  constructor(
    private readonly types: Types,
    /** Whether the text may hold references. */
    private readonly shared: boolean,
  ) {}

  /** @throws DecodeError */
  revive(value: unknown, depth = 1): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return this.array(value, depth)
    const keys = Object.keys(value)
    for (const key of keys) {
      if (key.charCodeAt(0) === TAG_CODE) return this.marked(value as Plain, keys, depth)
    }
    return this.object(value as Plain, keys, depth)
  }

  private array(array: unknown[], depth: number): unknown[] {
    this.meet(array, depth)
    for (let index = 0; index < array.length; index += 1) {
      const item = array[index]
      if (typeof item === 'object' && item !== null) array[index] = this.revive(item, depth + 1)
    }
    return array
  }

  private object(object: Plain, keys: readonly string[], depth: number): object {
    this.meet(object, depth)
    for (const key of keys) {
      const item = object[key]
      // Assigning to a key that is there is safe, `__proto__` included.
      if (typeof item === 'object' && item !== null) object[key] = this.revive(item, depth + 1)
    }
    return object
  }

  /** An object with a key that is a tag, or that is escaped. */
  private marked(object: Plain, keys: readonly string[], depth: number): unknown {
    const key = keys[0]!
    return keys.length === 1 && !isEscaped(key)
      ? this.tag(key.slice(TAG.length), object[key], depth)
      : this.unescaped(this.meet({}, depth), object, depth)
  }

  private unescaped<Target extends object>(target: Target, object: object, depth: number): Target {
    for (const [key, item] of Object.entries(object)) {
      const isMarked = key.charCodeAt(0) === TAG_CODE
      if (isMarked && !isEscaped(key)) throw new DecodeError('a tag beside other keys')
      setOwn(target, isMarked ? key.slice(TAG.length) : key, this.revive(item, depth + 1))
    }
    return target
  }

  private tag(name: string, content: unknown, depth: number): unknown {
    switch (name) {
      case '':
        return this.constant(content)
      case 'bigint':
        return reviveBigint(content)
      case 'ref':
        return this.reference(content)
      case 'date':
        return this.meet(reviveDate(content), depth)
      case 'regexp':
        return this.meet(reviveRegExp(content), depth)
      case 'url':
        return this.meet(reviveUrl(content), depth)
      case 'bytes':
        return this.meet(reviveBytes(content), depth)
      case 'null':
        return this.withoutPrototype(content, depth)
      case 'type':
        return this.instance(content, depth)
      default:
        return this.containerTag(name, content, depth)
    }
  }

  private containerTag(name: string, content: unknown, depth: number): object {
    const reviver: RichReviver = {
      meet: (container) => this.meet(container, depth),
      part: (value) => this.revive(value, depth + 1),
      claim: (sparseLength) => this.claim(sparseLength),
    }
    switch (name) {
      case 'map':
        return reviveMap(content, reviver)
      case 'set':
        return reviveSet(content, reviver)
      case 'error':
        return reviveError(content, reviver)
      case 'sparse':
        return reviveSparse(content, reviver)
      default:
        throw new DecodeError('a tag this version does not know')
    }
  }

  private constant(name: unknown): unknown {
    if (typeof name !== 'string' || !CONSTANTS.has(name)) throw new DecodeError('a constant this version does not know')
    return CONSTANTS.get(name)
  }

  private reference(number: unknown): object {
    const container = Number.isSafeInteger(number) ? this.met[number as number] : undefined
    if (container === undefined) throw new DecodeError('a reference to nothing')
    return container
  }

  private withoutPrototype(content: unknown, depth: number): object {
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      throw new DecodeError('an object without prototype that is none')
    }
    return this.unescaped(this.meet(Object.create(null) as object, depth), content, depth)
  }

  private instance(content: unknown, depth: number): object {
    this.meet(undefined, depth)
    const number = this.met.length - 1
    const instance = reviveInstance(content, this.types, (data) => this.revive(data, depth + 1))
    if (this.shared) this.met[number] = instance
    return instance
  }

  private meet<Container extends object | undefined>(container: Container, depth: number): Container {
    if (depth > MAX_DEPTH) throw tooDeep()
    if (this.shared) this.met.push(container)
    return container
  }

  private claim(sparseLength: number): void {
    this.sparseLength += sparseLength
    if (this.sparseLength > MAX_SPARSE_LENGTH) throw new DecodeError('arrays with holes that are too long')
  }
}
