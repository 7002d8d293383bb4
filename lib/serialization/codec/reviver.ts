import { DecodeError } from '../codec.errors.js'
import type { Types } from '../types/registered-type.interface.js'
import { reviveBigint } from './bigint.js'
import { reviveBytes } from './bytes.js'
import { reviveMap, reviveSet } from './collections.js'
import { reviveDate } from './dates.js'
import { reviveError } from './errors.js'
import { MAX_DEPTH, MAX_SPARSE_LENGTH } from './limits.js'
import { tooDeep } from './nesting.js'
import { setOwn } from './own-property.js'
import { reviveRegExp } from './regular-expressions.js'
import type { ReviveItem } from './revive.interface.js'
import { reviveInstance } from './revive-instance.js'
import { reviveSparse } from './sparse.js'
import { CONSTANTS, TAG, TAG_CODE } from './tag.js'
import { reviveUrl } from './urls.js'

/** Turns what JSON.parse made of a marked text into the value, in place where that is possible. */
export class Reviver {
  private sparseLength = 0

  /** @param met the containers so far, in the order the writer met them; only where the text may refer to them */
  constructor(
    private readonly types: Types,
    private readonly met: (object | undefined)[] | undefined,
  ) {}

  /** @throws DecodeError */
  revive(value: unknown, depth = 1): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return this.reviveArray(value, depth)
    const keys = Object.keys(value)
    for (const key of keys) {
      if (key.charCodeAt(0) === TAG_CODE) return this.reviveMarked(value as Record<string, unknown>, keys, depth)
    }
    return this.reviveObject(value as Record<string, unknown>, keys, depth)
  }

  private reviveArray(array: unknown[], depth: number): unknown[] {
    this.meet(array, depth)
    for (let index = 0; index < array.length; index += 1) {
      const item = array[index]
      if (typeof item === 'object' && item !== null) array[index] = this.revive(item, depth + 1)
    }
    return array
  }

  private reviveObject(object: Record<string, unknown>, keys: readonly string[], depth: number): object {
    this.meet(object, depth)
    for (const key of keys) {
      const item = object[key]
      // A key that is there already, `__proto__` too, is assigned as any other.
      if (typeof item === 'object' && item !== null) object[key] = this.revive(item, depth + 1)
    }
    return object
  }

  /** An object with a key that is a tag, or is escaped. */
  private reviveMarked(object: Record<string, unknown>, keys: readonly string[], depth: number): unknown {
    const [first] = keys
    if (keys.length === 1 && first!.charCodeAt(1) !== TAG_CODE) {
      return this.reviveTag(first!.slice(TAG.length), object[first!], depth)
    }
    return this.fill({}, object, keys, depth)
  }

  private fill(target: object, object: Record<string, unknown>, keys: readonly string[], depth: number): object {
    this.meet(target, depth)
    for (const key of keys) {
      const isEscaped = key.charCodeAt(0) === TAG_CODE
      if (isEscaped && key.charCodeAt(1) !== TAG_CODE) throw new DecodeError('a tag beside other keys')
      setOwn(target, isEscaped ? key.slice(TAG.length) : key, this.revive(object[key], depth + 1))
    }
    return target
  }

  private reviveTag(name: string, content: unknown, depth: number): unknown {
    const meet = <Container extends object>(container: Container): Container => this.meet(container, depth)
    const item: ReviveItem = (value) => this.revive(value, depth + 1)
    switch (name) {
      case '':
        return this.constant(content)
      case 'bigint':
        return reviveBigint(content)
      case 'ref':
        return this.reference(content)
      case 'date':
        return meet(reviveDate(content))
      case 'regexp':
        return meet(reviveRegExp(content))
      case 'url':
        return meet(reviveUrl(content))
      case 'bytes':
        return meet(reviveBytes(content))
      case 'map':
        return reviveMap(content, meet, item)
      case 'set':
        return reviveSet(content, meet, item)
      case 'error':
        return reviveError(content, meet, item)
      case 'sparse':
        return reviveSparse(content, (array) => this.claim(meet(array), content), item)
      case 'null':
        return this.withoutPrototype(content, depth)
      case 'type':
        return this.instance(content, depth)
      default:
        throw new DecodeError('a tag this version does not know')
    }
  }
}
