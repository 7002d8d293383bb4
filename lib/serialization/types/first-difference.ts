import { isDeepStrictEqual } from 'node:util'
import type { PathStep } from '../codec.errors.js'

/** Where a value that was brought back is not what it was. */
export interface Difference {
  readonly steps: readonly PathStep[]
  readonly original: unknown
}

/** Whether a property of an instance of a class is left out on purpose. */
export type IsLeftOut = (instance: object, key: PathStep) => boolean

type Properties = Readonly<Record<PropertyKey, unknown>>

const isObject = (value: unknown): value is Properties => typeof value === 'object' && value !== null

const prototypeOf = (value: object): unknown => Object.getPrototypeOf(value)

const isPlain = (value: object): boolean => prototypeOf(value) === Object.prototype || prototypeOf(value) === null

/** The parts to compare one by one; none of what only compares as a whole, as a Date. */
const partsOf = (back: object, original: object): readonly PathStep[] | undefined => {
  if (Array.isArray(back) && Array.isArray(original)) {
    return back.length === original.length ? [...original.keys()] : undefined
  }
  const isOrdinary = Object.prototype.toString.call(original) === '[object Object]'
  return isOrdinary ? [...new Set([...Object.keys(original), ...Object.keys(back)])] : undefined
}

/**
 * The first place where a value differs from its original, the properties apart that are left out. Of Maps and Sets the
 * order counts, too.
 */
export function firstDifference(
  back: unknown,
  original: unknown,
  isLeftOut: IsLeftOut,
  steps: readonly PathStep[] = [],
): Difference | undefined {
  if (Object.is(back, original)) return undefined
  const difference = { steps, original }
  if (!isObject(back) || !isObject(original) || prototypeOf(back) !== prototypeOf(original)) return difference
  if (back instanceof Map && original instanceof Map) {
    return firstDifference([...back], [...original], isLeftOut, steps) && difference
  }
  if (back instanceof Set && original instanceof Set) {
    return firstDifference([...back], [...original], isLeftOut, steps) && difference
  }
  const parts = partsOf(back, original)
  if (parts === undefined) return isDeepStrictEqual(back, original) ? undefined : difference
  for (const part of parts) {
    const path = [...steps, part]
    const found =
      Object.hasOwn(original, part) === Object.hasOwn(back, part)
        ? firstDifference(back[part], original[part], isLeftOut, path)
        : { steps: path, original: original[part] }
    if (found !== undefined && (isPlain(original) || Array.isArray(original) || !isLeftOut(original, part)))
      return found
  }
  return undefined
}
