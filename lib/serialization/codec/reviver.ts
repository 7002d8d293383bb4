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
export class Reviver implements RichReviver {
  /** The containers so far, in the order the writer met them; `undefined` for an instance that is not made yet. */
  private readonly met: (object | undefined)[] = []
  private depth = 0
  private sparseLength = 0

  constructor(
    private readonly types: Types,
    /** Whether the text may hold references. */
    private readonly shared: boolean,
  ) {}

  /** @throws DecodeError */
  revive(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return this.array(value)
    // What JSON.parse makes inherits from Object.prototype only, so that a loop meets own keys, and makes no list of them.
    for (const key in value) {
      if (key.charCodeAt(0) === TAG_CODE && Object.hasOwn(value, key)) return this.marked(value as Plain)
    }
    return this.object(value as Plain)
  }

  part(value: unknown): unknown {
    this.depth += 1
    const revived = this.revive(value)
    this.depth -= 1
    return revived
  }

  meet<Container extends object | undefined>(container: Container): Container {
    if (this.depth >= MAX_DEPTH) throw tooDeep()
    if (this.shared) this.met.push(container)
    return container
  }

  claim(sparseLength: number): void {
    this.sparseLength += sparseLength
    if (this.sparseLength > MAX_SPARSE_LENGTH) throw new DecodeError('arrays with holes that are too long')
  }

  private array(array: unknown[]): unknown[] {
    this.meet(array)
    for (let index = 0; index < array.length; index += 1) {
      const item = array[index]
      if (typeof item === 'object' && item !== null) array[index] = this.part(item)
    }
    return array
  }

  private object(object: Plain): object {
    this.meet(object)
    for (const key in object) {
      const item = object[key]
      // Assigning to a key that is there is safe, `__proto__` included.
      if (typeof item === 'object' && item !== null && Object.hasOwn(object, key)) object[key] = this.part(item)
    }
    return object
  }

  /** An object with a key that is a tag, or that is escaped. */
  private marked(object: Plain): unknown {
    const keys = Object.keys(object)
    const key = keys[0]!
    return keys.length === 1 && !isEscaped(key) ? this.tag(key, object[key]) : this.unescaped(this.meet({}), object)
  }

  private unescaped<Target extends object>(target: Target, object: object): Target {
    for (const [key, item] of Object.entries(object)) {
      const isMarked = key.charCodeAt(0) === TAG_CODE
      if (isMarked && !isEscaped(key)) throw new DecodeError('a tag beside other keys')
      setOwn(target, isMarked ? key.slice(TAG.length) : key, this.part(item))
    }
    return target
  }

  private tag(tag: string, content: unknown): unknown {
    switch (tag) {
      case '$date':
        return this.meet(reviveDate(content))
      case '$':
        return this.constant(content)
      case '$bigint':
        return reviveBigint(content)
      case '$ref':
        return this.reference(content)
      case '$map':
        return reviveMap(content, this)
      case '$set':
        return reviveSet(content, this)
      case '$bytes':
        return this.meet(reviveBytes(content))
      case '$type':
        return this.instance(content)
      case '$error':
        return reviveError(content, this)
      case '$regexp':
        return this.meet(reviveRegExp(content))
      case '$url':
        return this.meet(reviveUrl(content))
      case '$sparse':
        return reviveSparse(content, this)
      case '$null':
        return this.withoutPrototype(content)
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

  private withoutPrototype(content: unknown): object {
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      throw new DecodeError('an object without prototype that is none')
    }
    return this.unescaped(this.meet(Object.create(null) as object), content)
  }

  private instance(content: unknown): object {
    this.meet(undefined)
    const number = this.met.length - 1
    const instance = reviveInstance(content, this.types, (data) => this.part(data))
    if (this.shared) this.met[number] = instance
    return instance
  }
}
