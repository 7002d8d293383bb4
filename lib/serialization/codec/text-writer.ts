import type { PathStep } from '../codec.errors.js'
import type { Types } from '../types/registered-type.interface.js'
import { bigintText } from './bigint.js'
import { ByteRanges } from './byte-ranges.js'
import { Identities } from './identities.js'
import { type KeyText, type KeyTexts, stringText } from './json-text.js'
import { MAX_DEPTH, MAX_SPARSE_LENGTH } from './limits.js'
import { below, refuse, refuseKindOf } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'
import { constantText, TAG_CODE, tagText } from './tag.js'
import { writeArray, writeItems } from './write-array.js'
import { writeRich } from './write-rich.js'

/**
 * Writes one value as text in one walk, and reads each of its properties once. Made anew for each value: a reference
 * counts what was met in it.
 */
export class TextWriter implements RichWriter {
  /** Whether the text holds tags or escaped keys. */
  rich = false
  /** Whether the text holds references. */
  shared = false
  private depth = 0
  private sparseLength = 0
  private memory: ByteRanges | undefined
  private readonly identities = new Identities()
  /** Instances being written: read back, they are not there yet while their data is. */
  private open: object[] | undefined

  constructor(
    private readonly types: Types,
    private readonly keyTexts: KeyTexts,
    readonly sorted = false,
  ) {}

  text(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return stringText(value)
      case 'number':
        return value - value === 0 && (value !== 0 || 1 / value > 0) ? `${value}` : this.constant(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'object':
        return value === null ? 'null' : this.container(value)
      case 'undefined':
        return this.constant(value)
      case 'bigint':
        return this.tag('bigint', bigintText(value))
      default:
        return refuseKindOf(value)
    }
  }

  part(value: unknown, step: PathStep): string {
    try {
      return this.text(value)
    } catch (error) {
      throw below(step, error)
    }
  }

  property(object: object, key: string): string {
    try {
      return this.text((object as Record<string, unknown>)[key])
    } catch (error) {
      throw below(key, error)
    }
  }

  object(object: object): string {
    const keys = this.keys(object)
    let text = ''
    let index = 0
    try {
      for (; index < keys.length; index += 1) {
        const key = keys[index]!
        const { first, next } = this.keyText(key)
        const value = (object as Record<string, unknown>)[key]
        text += (index === 0 ? first : next) + (typeof value === 'string' ? stringText(value) : this.text(value))
      }
    } catch (error) {
      throw below(keys[index]!, error)
    }
    return index === 0 ? '{}' : `${text}}`
  }

  items(items: readonly unknown[]): string {
    return writeItems(this, items)
  }

  array(array: readonly unknown[]): string {
    return writeArray(this, array)
  }

  /** The members of a plain object, each as the text of its key with a comma before and the colon behind, and its value's. */
  members(object: object): [key: string, value: string][] {
    this.identities.meet(object)
    this.depth = 1
    return this.keys(object).map((key) => [this.keyText(key).next, this.property(object, key)])
  }

  inside(instance: object, data: unknown): string {
    this.open ??= []
    this.open.push(instance)
    const text = this.text(data)
    this.open.pop()
    return text
  }

  tag(name: string, text: string): string {
    this.rich = true
    return tagText(name, text)
  }

  claim(sparseLength: number): void {
    this.sparseLength += sparseLength
    if (this.sparseLength > MAX_SPARSE_LENGTH) {
      refuse(
        `an array of ${sparseLength} with holes`,
        `arrays with holes up to a length of ${MAX_SPARSE_LENGTH} in all`,
      )
    }
  }

  claimBytes(buffer: ArrayBufferLike, start: number, end: number): void {
    this.memory ??= new ByteRanges()
    if (!this.memory.add(buffer, start, end)) {
      refuse('bytes that another view in the value shows as well', 'views that do not overlap')
    }
  }

  private container(container: object): string {
    if (!this.identities.meet(container)) return this.reference(container)
    if (this.depth === MAX_DEPTH) refuse('a value nested too deep', `at most ${MAX_DEPTH} levels`)
    this.depth += 1
    const text = this.newContainer(container)
    this.depth -= 1
    return text
  }

  private newContainer(container: object): string {
    const prototype: unknown = Object.getPrototypeOf(container)
    if (prototype === Object.prototype) return this.object(container)
    if (prototype === Array.prototype && Array.isArray(container)) return this.array(container)
    return writeRich(this, this.types, container)
  }

  private reference(container: object): string {
    if (this.open?.includes(container) === true) {
      refuse('an instance that holds itself', 'instances of registered classes whose data does not lead back to them')
    }
    this.shared = true
    return this.tag('ref', `${this.identities.numberOf(container)}`)
  }

  private constant(value: number | undefined): string {
    this.rich = true
    return constantText(value)
  }

  private keyText(key: string): KeyText {
    if (key.charCodeAt(0) === TAG_CODE) this.rich = true
    return this.keyTexts.of(key)
  }

  private keys(object: object): string[] {
    const keys = Object.keys(object)
    if (Object.getOwnPropertyNames(object).length > keys.length)
      refuse('an object with a property that is not enumerable')
    if (Object.getOwnPropertySymbols(object).length > 0) refuse('an object with a symbol key')
    return this.sorted ? keys.toSorted() : keys
  }
}
