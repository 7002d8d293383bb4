import { types } from 'node:util'
import { valueKind } from '../errors/value-kind.js'
import { DecodeError, EncodeError, type PathStep } from './codec.errors.js'
import type { Codec, EncodedObject } from './codec.interface.js'

/** In front of a text that holds tags or escaped keys; a text without it is plain JSON and is taken as it is. */
const MARKER = '~'
/** The first character of a tag's only key; a user's key that begins with it gets another one. */
const TAG = '$'
const MAX_DEPTH = 200
const ALLOWED = 'null, booleans, finite numbers, strings, arrays, plain objects and Dates'

type PlainObject = Record<string, unknown>

const refuse = (steps: readonly PathStep[], given: string, allowed = ALLOWED): never => {
  throw new EncodeError(steps, given, allowed)
}

const prototypeOf = (value: object | null): object | null =>
  value === null ? null : (Object.getPrototypeOf(value) as object | null)

/** An object literal, also of another realm (a worker, a vm context, a test runner). */
const isPlainObject = (value: object): value is PlainObject => {
  const prototype = prototypeOf(value)
  if (prototype === Object.prototype) return true
  return prototype !== null && prototypeOf(prototype) === null && prototype.constructor?.name === 'Object'
}

/** Of an array or a Date: that it is no instance of a subclass, whose prototype would be lost. */
const isOfBuiltIn = (value: object): boolean => prototypeOf(prototypeOf(prototypeOf(value))) === null

/** An assignment to `__proto__` would set the prototype instead of a key. */
const setOwn = (target: PlainObject, key: string, value: unknown): void => {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    target[key] = value
  }
}

const dateTag = (date: Date, steps: readonly PathStep[]): PlainObject => {
  if (Number.isNaN(date.getTime())) refuse(steps, 'an invalid Date')
  return { $date: date.toISOString() }
}

const rewriteArray = (array: readonly unknown[], steps: PathStep[]): unknown => {
  let copy: unknown[] | undefined
  for (let index = 0; index < array.length; index++) {
    steps.push(index)
    if (!(index in array)) refuse(steps, 'a hole in an array')
    const item = rewrite(array[index], steps)
    if (item !== array[index]) copy ??= array.slice()
    if (copy !== undefined) copy[index] = item
    steps.pop()
  }
  return copy ?? array
}

const rewriteObject = (object: PlainObject, steps: PathStep[]): unknown => {
  if (Object.getOwnPropertySymbols(object).length > 0) refuse(steps, 'a symbol key')
  const keys = Object.keys(object)
  let changed = false
  const items: unknown[] = []
  for (const key of keys) {
    steps.push(key)
    const value = object[key]
    const item = rewrite(value, steps)
    changed ||= item !== value || key.startsWith(TAG)
    items.push(item)
    steps.pop()
  }
  if (!changed) return object
  const copy: PlainObject = {}
  for (const [index, key] of keys.entries()) setOwn(copy, key.startsWith(TAG) ? TAG + key : key, items[index])
  return copy
}

/**
 * Checks a value, and puts tags where JSON has no word for it. What needs no tag is handed back as it is, so that a plain
 * value costs one walk and no copy.
 */
const rewrite = (value: unknown, steps: PathStep[]): unknown => {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(steps, valueKind(value))
    if (Object.is(value, -0)) refuse(steps, 'the number -0')
    return value
  }
  if (typeof value !== 'object') return refuse(steps, valueKind(value))
  if (steps.length >= MAX_DEPTH) refuse(steps, `a value nested deeper than ${MAX_DEPTH} levels, or cyclic`)
  if (isPlainObject(value)) return rewriteObject(value, steps)
  if (prototypeOf(value) === null) return refuse(steps, 'an object without prototype')
  if (!isOfBuiltIn(value)) return refuse(steps, valueKind(value))
  if (Array.isArray(value)) return rewriteArray(value, steps)
  return types.isDate(value) ? dateTag(value, steps) : refuse(steps, valueKind(value))
}

const reviveTag = (tag: string, value: unknown): unknown => {
  if (tag === 'date' && typeof value === 'string') {
    const date = new Date(value)
    if (!Number.isNaN(date.getTime()) && date.toISOString() === value) return date
    throw new DecodeError('a date that is none')
  }
  throw new DecodeError('a tag this version does not know')
}

const revive = (value: unknown, depth = 0): unknown => {
  if (typeof value !== 'object' || value === null) return value
  // A tag is one level deeper than the value it stands for.
  if (depth > MAX_DEPTH + 1) throw new DecodeError(`nested deeper than ${MAX_DEPTH} levels`)
  if (Array.isArray(value)) return value.map((item) => revive(item, depth + 1))
  const entries = Object.entries(value)
  const [first] = entries
  if (first !== undefined && first[0].startsWith(TAG) && !first[0].startsWith(TAG + TAG)) {
    if (entries.length > 1) throw new DecodeError('a tag with more than one key')
    return reviveTag(first[0].slice(TAG.length), first[1])
  }
  const object: PlainObject = {}
  for (const [key, item] of entries)
    setOwn(object, key.startsWith(TAG) ? key.slice(TAG.length) : key, revive(item, depth + 1))
  return object
}

const sortKeys = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sortKeys)
  const sorted: PlainObject = {}
  for (const [key, item] of Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    setOwn(sorted, key, sortKeys(item))
  return sorted
}

const toText = (original: unknown, rewritten: unknown): string =>
  rewritten === original ? JSON.stringify(rewritten) : MARKER + JSON.stringify(rewritten)

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new DecodeError('not JSON')
  }
}

/**
 * JSON, plus Date as `{"$date":"…"}`. Whatever JSON would change on its way (undefined, NaN, -0, classes, …) is refused.
 */
export class JsonCodec implements Codec {
  encode(value: unknown): string {
    return toText(value, rewrite(value, []))
  }

  encodeMembers(value: unknown): EncodedObject | undefined {
    if (typeof value !== 'object' || value === null || !isPlainObject(value)) return undefined
    const rewritten = rewrite(value, []) as PlainObject
    const members = Object.keys(rewritten).map((key) => {
      const keyText = JSON.stringify(key)
      return { keyText, text: `${keyText}:${JSON.stringify(rewritten[key])}` }
    })
    return {
      text: `${rewritten === value ? '' : MARKER}{${members.map(({ text }) => text).join(',')}}`,
      memberBytes: members.map(({ keyText, text }) => [Buffer.byteLength(keyText), Buffer.byteLength(text)]),
    }
  }

  canonical(value: unknown): string {
    return JSON.stringify(sortKeys(rewrite(value, [])))
  }

  decode(text: string): unknown {
    return text.startsWith(MARKER) ? revive(parse(text.slice(MARKER.length))) : parse(text)
  }
}
