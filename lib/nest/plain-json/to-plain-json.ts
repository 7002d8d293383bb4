import { types as kinds } from 'node:util'
import { MemorySerializationError } from '../../errors/memory-serialization.error.js'
import { formatProblem } from '../../errors/problem.js'
import { valueKind } from '../../errors/value-kind.js'
import { formatPath, type PathStep } from '../../serialization/codec.errors.js'
import { setOwn } from '../../serialization/codec/own-property.js'
import type { Types } from '../../serialization/types/registered-type.interface.js'
import type { ClassRules } from '../class-transformer/class-rules.js'
import type { TypeHint } from '../class-transformer/class-transformer.interface.js'
import { Hinted } from '../class-transformer/hinted.js'
import { builtInText } from '../../serialization/built-in.js'
import { isLiteral, isPlainObject, type PlainObject } from '../kinds/plain-object.js'
import { discriminatorOf, primitiveByHint } from './type-hint.js'

const MAX_DEPTH = 200
/** An object that stands in many places is said in each, and a few references may stand for more than there is memory. */
const MAX_VALUES = 2_000_000

/** What decides how a value is said in plain JSON. */
export interface PlainJsonOptions {
  readonly types: Pick<Types, 'of'>
  /** Left out where class-transformer is not installed. */
  readonly rules?: ClassRules | undefined
  /** Members whose names begin so are left out. @default [] */
  readonly excludePrefixes?: readonly string[] | undefined
}

/**
 * The plain JSON that stands for a value: null, booleans, finite numbers, strings, arrays and plain objects. What is plain
 * JSON already is handed back as the very same object; nothing that is given is changed. `undefined` for what JSON has no
 * place for: undefined, a function, a symbol.
 *
 * @throws MemorySerializationError with the path, for a cyclic value and one nested deeper than 200 levels
 */
export const toPlainJson = (value: unknown, options: PlainJsonOptions): unknown => new Walk(options).value(value)

const pairsOf = (map: ReadonlyMap<unknown, unknown>, hint: TypeHint | undefined): unknown[] =>
  [...map].map(([key, value]) => [key, hint === undefined ? value : new Hinted(value, hint)])

class Walk {
  private readonly steps: PathStep[] = []
  private readonly above: object[] = []
  private said = 0

  constructor(private readonly options: PlainJsonOptions) {}

  value(given: unknown, hint?: TypeHint): unknown {
    this.said += 1
    if (this.said > MAX_VALUES) this.refuse('too many values', `at most ${MAX_VALUES}, each counted where it stands`)
    const value = hint === undefined ? given : primitiveByHint(given, hint)
    switch (typeof value) {
      case 'number':
        // JSON.stringify would write 0 as well; other serializers would not.
        return Number.isFinite(value) ? value + 0 : null
      case 'bigint':
        return value.toString()
      case 'object':
        return value === null ? null : this.object(value, hint)
      case 'function':
      case 'symbol':
        return undefined
      default:
        return value
    }
  }

  private object(value: object, hint: TypeHint | undefined): unknown {
    if (value instanceof Hinted) return this.value(value.value, value.type)
    if (this.above.includes(value)) this.refuse(`${valueKind(value)} that holds itself`, 'a value without cycles')
    if (this.above.length >= MAX_DEPTH) this.refuse(valueKind(value), `at most ${MAX_DEPTH} levels`)
    this.above.push(value)
    const json = this.json(value, hint)
    this.above.pop()
    return json
  }

  private json(value: object, hint: TypeHint | undefined): unknown {
    if (Array.isArray(value)) return this.array(value, hint)
    if (hint === undefined && isLiteral(value)) return this.plainObject(value)
    const ruling = this.options.rules?.rulingClass(value, hint)
    if (ruling !== undefined) return this.members(this.options.rules?.expose(value, ruling) ?? {})
    const registered = this.options.types.of(value)
    if (registered !== undefined) return this.value(registered.toJson(value))
    const text = builtInText(value)
    if (text !== undefined) return text
    if (kinds.isMap(value)) return this.array(pairsOf(value, hint), undefined)
    if (kinds.isSet(value)) return this.array([...value], hint)
    // An Error of a client library may tell the whole request by its toJSON.
    if (kinds.isNativeError(value)) return { name: value.name, message: value.message }
    if (kinds.isBoxedPrimitive(value)) return this.value(value.valueOf())
    return this.plainObject(value as PlainObject)
  }

  private array(array: readonly unknown[], hint: TypeHint | undefined): unknown {
    const discriminator = discriminatorOf(hint)
    let copy: unknown[] | undefined
    for (let index = 0; index < array.length; index++) {
      const item = array[index]
      this.steps.push(index)
      const json = this.value(item, discriminator === undefined ? hint : undefined)
      const named = discriminator?.(item, json) ?? json ?? null
      this.steps.pop()
      if (!Object.is(named, item)) copy ??= array.slice()
      if (copy !== undefined) copy[index] = named
    }
    return copy ?? array
  }

  private plainObject(object: PlainObject): unknown {
    const { toJSON } = object
    if (typeof toJSON !== 'function') return this.members(object)
    const given: unknown = toJSON.call(object, String(this.steps.at(-1) ?? ''))
    return given === object ? this.members(object) : this.value(given)
  }

  private members(object: PlainObject): PlainObject {
    const keys = Object.keys(object)
    // An instance is never handed on: its toJSON, its getters and its class would speak again.
    let copy: PlainObject | undefined = isPlainObject(object) ? undefined : {}
    for (const [index, key] of keys.entries()) {
      const member = object[key]
      this.steps.push(key)
      const json = this.isExcluded(key) ? undefined : this.value(member)
      this.steps.pop()
      if (copy === undefined) {
        if (json !== undefined && Object.is(json, member)) continue
        copy = {}
        for (const before of keys.slice(0, index)) setOwn(copy, before, object[before])
      }
      if (json !== undefined) setOwn(copy, key, json)
    }
    return copy ?? object
  }

  private isExcluded(key: string): boolean {
    return this.options.excludePrefixes?.some((prefix) => key.startsWith(prefix)) ?? false
  }

  private refuse(given: string, allowed: string): never {
    const path = formatPath('response', this.steps)
    throw new MemorySerializationError(formatProblem({ path, given, allowed }), { path })
  }
}
