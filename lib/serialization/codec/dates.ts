import { DecodeError } from '../codec.errors.js'
import { requireNothingBeside } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'

/** ISO 8601 as Date writes it; `null` for an invalid one. */
export const writeDate = (writer: RichWriter, value: object): string => {
  requireNothingBeside(value, 'Date')
  const date = value as Date
  return writer.tag('date', Number.isNaN(date.getTime()) ? 'null' : `"${date.toISOString()}"`)
}

export const reviveDate = (content: unknown): Date => {
  if (content === null) return new Date(Number.NaN)
  if (typeof content === 'string') {
    const date = new Date(content)
    if (!Number.isNaN(date.getTime()) && date.toISOString() === content) return date
  }
  throw new DecodeError('a date that is none')
}
