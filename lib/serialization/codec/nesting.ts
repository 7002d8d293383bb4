import { DecodeError } from '../codec.errors.js'
import { MAX_DEPTH } from './limits.js'

export const tooDeep = (): DecodeError => new DecodeError(`nested deeper than ${MAX_DEPTH} levels`)

const countUpTo = (limit: number, text: string, bracket: string): number => {
  let count = 0
  for (let at = text.indexOf(bracket); at !== -1 && count < limit; at = text.indexOf(bracket, at + 1)) count += 1
  return count
}

/** Whether a text has brackets enough to be nested too deep. Most have not, and finding that out is cheap. */
const mayBeTooDeep = (text: string): boolean => {
  if (text.length <= 2 * MAX_DEPTH) return false
  const objects = countUpTo(MAX_DEPTH + 1, text, '{')
  return objects > MAX_DEPTH || objects + countUpTo(MAX_DEPTH + 1, text, '[') > MAX_DEPTH
}

const requireDepthOf = (value: object, depth: number): void => {
  if (depth > MAX_DEPTH) throw tooDeep()
  for (const item of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) {
    if (typeof item === 'object' && item !== null) requireDepthOf(item, depth + 1)
  }
}

/**
 * @param value what JSON.parse, which has no limit, made of the text
 * @throws DecodeError when it could not be walked without running out of stack
 */
export const requireDepth = (text: string, value: unknown): void => {
  if (typeof value === 'object' && value !== null && mayBeTooDeep(text)) requireDepthOf(value, 1)
}
