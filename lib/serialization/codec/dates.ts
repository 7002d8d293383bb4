import { DecodeError } from '../codec.errors.js'
import { isoText, parseIso } from './iso-date.js'
import { requireNothingBeside } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'

/** Faster than asking Node. */
export const isDate = (value: object): boolean => {
  try {
    Date.prototype.getTime.call(value)
    return true
  } catch {
    return false
  }
}

/** ISO 8601 as Date writes it; `null` for an invalid one. */
export const writeDate = (writer: RichWriter, value: object): string => {
  requireNothingBeside(value, 'Date')
  const date = value as Date
  return writer.tag('date', Number.isNaN(date.getTime()) ? 'null' : `"${isoText(date)}"`)
}

export const reviveDate = (content: unknown): Date => {
  if (content === null) return new Date(Number.NaN)
  const date = typeof content === 'string' ? parseIso(content) : undefined
  if (date === undefined) throw new DecodeError('a date that is none')
  return date
}
