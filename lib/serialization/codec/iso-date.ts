const DAY_MS = 86_400_000
/** From 0000-03-01, the first day of a cycle of 400 years, to 1970-01-01. */
const EPOCH_DAYS = 719_468
const CYCLE_DAYS = 146_097
/** 0000-01-01 and 9999-12-31T23:59:59.999: between them, an ISO date has 24 characters. */
const [FIRST, LAST] = [-62_167_219_200_000, 253_402_300_799_999]
const LENGTH = 24

const padded = (count: number, width: number): string[] =>
  Array.from({ length: count }, (_, number) => String(number).padStart(width, '0'))
const [TWO, THREE] = [padded(100, 2), padded(1_000, 3)] as const

/** The day as `2031-03-10T`, counted from March on, so that the leap day is the last of a year. */
const dayText = (day: number): string => {
  const shifted = day + EPOCH_DAYS
  const cycle = Math.floor(shifted / CYCLE_DAYS)
  const inCycle = shifted - cycle * CYCLE_DAYS
  const yearOfCycle = Math.floor(
    (inCycle - Math.floor(inCycle / 1_460) + Math.floor(inCycle / 36_524) - Math.floor(inCycle / 146_096)) / 365,
  )
  const inYear = inCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100))
  const fromMarch = Math.floor((5 * inYear + 2) / 153)
  const date = inYear - Math.floor((153 * fromMarch + 2) / 5) + 1
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
  return `${TWO[Math.floor(year / 100)]}${TWO[year % 100]}-${TWO[month]}-${TWO[date]}T`
}

/** As Date#toISOString, for a valid date, in a fraction of its time. */
export const isoText = (date: Date): string => {
  const time = date.getTime()
  if (time < FIRST || time > LAST) return date.toISOString()
  const day = Math.floor(time / DAY_MS)
  const ms = time - day * DAY_MS
  const seconds = Math.floor(ms / 1_000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  return `${dayText(day)}${TWO[hours]}:${TWO[minutes - hours * 60]}:${TWO[seconds - minutes * 60]}.${THREE[ms - seconds * 1_000]}Z`
}

const digit = (text: string, at: number): number => {
  const value = text.charCodeAt(at) - 48
  return value >= 0 && value <= 9 ? value : Number.NaN
}
const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1)
const below = (limit: number, value: number): number => (value < limit ? value : Number.NaN)

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
const lengthOf = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] ?? 0))

/** NaN for a day that is none. */
const daysOf = (year: number, month: number, date: number): number => {
  if (!(date >= 1 && date <= lengthOf(year, month))) return Number.NaN
  const shifted = month <= 2 ? year - 1 : year
  const cycle = Math.floor(shifted / 400)
  const yearOfCycle = shifted - cycle * 400
  const inYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1
  const inCycle = yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + inYear
  return cycle * CYCLE_DAYS + inCycle - EPOCH_DAYS
}

const hasSeparators = (text: string): boolean =>
  text[4] === '-' &&
  text[7] === '-' &&
  text[10] === 'T' &&
  text[13] === ':' &&
  text[16] === ':' &&
  text[19] === '.' &&
  text[23] === 'Z'

const timeOf = (text: string): number => {
  const days = daysOf(two(text, 0) * 100 + two(text, 2), two(text, 5), two(text, 8))
  const minutes = below(24, two(text, 11)) * 60 + below(60, two(text, 14))
  return ((days * 1_440 + minutes) * 60 + below(60, two(text, 17))) * 1_000 + digit(text, 20) * 100 + two(text, 21)
}

/** The date of a text that `isoText` gives; `undefined` for any other text. */
export const parseIso = (text: string): Date | undefined => {
  if (text.length === LENGTH) {
    const time = hasSeparators(text) ? timeOf(text) : Number.NaN
    return Number.isNaN(time) ? undefined : new Date(time)
  }
  const date = new Date(text)
  return !Number.isNaN(date.getTime()) && isoText(date) === text ? date : undefined
}
