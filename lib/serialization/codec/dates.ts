import { DecodeError } from '../codec.errors.js'
import { requireNothingBeside } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'

const { getTime, toISOString } = Date.prototype

/** ISO 8601 as Date writes it; `null` for an invalid one. */
export const writeDate = (writer: RichWriter, date: object): string => {
  requireNothingBeside(date, 'Date')
  const isValid = !Number.isNaN(getTime.call(date))
  return writer.tag('date', isValid ? `"${toISOString.call(date)}"` : 'null')
}

export const reviveDate = (content: unknown): Date => {
  if (content === null) return new Date(Number.NaN)
  if (typeof content === 'string') {
    const date = new Date(content)
    if (!Number.isNaN(date.getTime()) && date.toISOString() === content) return date
  }
  throw new DecodeError('a date that is none')
}
