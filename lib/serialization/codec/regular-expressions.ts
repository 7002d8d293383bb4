import { DecodeError } from '../codec.errors.js'
import { refuse, requireNothingBeside } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'

const isLastIndex = (value: unknown): value is number => Number.isSafeInteger(value) && !Object.is(value, -0)

/** `["a+","g",0]`: source, flags, lastIndex */
export const writeRegExp = (writer: RichWriter, value: object): string => {
  requireNothingBeside(value, 'RegExp', 1)
  const { source, flags, lastIndex } = value as RegExp
  if (!isLastIndex(lastIndex)) refuse('a RegExp whose lastIndex is not a whole number')
  return writer.tag('regexp', JSON.stringify([source, flags, lastIndex]))
}

const compile = (source: string, flags: string): RegExp => {
  try {
    return new RegExp(source, flags)
  } catch {
    throw new DecodeError('a regular expression that is none')
  }
}

export const reviveRegExp = (content: unknown): RegExp => {
  const [source, flags, lastIndex] = Array.isArray(content) && content.length === 3 ? (content as unknown[]) : []
  if (typeof source !== 'string' || typeof flags !== 'string' || !isLastIndex(lastIndex)) {
    throw new DecodeError('a regular expression that is none')
  }
  const expression = compile(source, flags)
  if (expression.source !== source || expression.flags !== flags) {
    throw new DecodeError('a regular expression that is none')
  }
  expression.lastIndex = lastIndex
  return expression
}
