/** A day found in a text, and where it stands there. */
export interface FoundDate {
  readonly date: Date
  readonly start: number
  readonly end: number
}

const DAY_MS = 24 * 60 * 60 * 1000

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const MONTH =
  '(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)'
const DAY = '(?<day>\\d{1,2})(?:st|nd|rd|th)?'
const YEAR = '(?:,?\\s+(?<year>\\d{4}))?'

/** `2026-03-10`, `10th of March 2026`, `March 10, 2026`; the year may be left out of the last two. */
const FORMS = [
  '(?<isoYear>\\d{4})-(?<isoMonth>\\d{2})-(?<isoDay>\\d{2})',
  `${DAY}\\s+(?:of\\s+)?${MONTH}\\.?${YEAR}`,
  `${MONTH}\\.?\\s+(?:the\\s+)?${DAY}${YEAR}`,
  '(?<relative>today|tomorrow)',
].map((form) => new RegExp(`\\b${form}\\b`, 'giu'))

const startOfDay = (time: Date): number => Math.floor(time.getTime() / DAY_MS) * DAY_MS

const dayOf = (year: number, month: number, day: number): Date | undefined => {
  const date = new Date(Date.UTC(year, month, day))
  // Date.UTC turns 30 February into a day in March.
  return date.getUTCMonth() === month && date.getUTCDate() === day ? date : undefined
}

const dateOf = (groups: Record<string, string | undefined>, now: Date): Date | undefined => {
  const { isoYear, isoMonth, isoDay, relative, month, day, year } = groups
  if (isoYear !== undefined) return dayOf(Number(isoYear), Number(isoMonth) - 1, Number(isoDay))
  if (relative !== undefined) return new Date(startOfDay(now) + (relative.toLowerCase() === 'today' ? 0 : DAY_MS))
  if (month === undefined) return undefined
  const index = MONTHS.indexOf(month.slice(0, 3).toLowerCase())
  if (year !== undefined) return dayOf(Number(year), index, Number(day))
  const thisYear = dayOf(now.getUTCFullYear(), index, Number(day))
  return thisYear !== undefined && thisYear.getTime() < startOfDay(now)
    ? dayOf(now.getUTCFullYear() + 1, index, Number(day))
    : thisYear
}

/**
 * Finds the days a text names, in its order. A day without a year is the next one of that name.
 *
 * @param now the day the text was written, so that reading it again later finds the same days
 */
export const findDates = (text: string, now: Date): FoundDate[] =>
  FORMS.flatMap((form) => [...text.matchAll(form)])
    .flatMap((match) => {
      const date = dateOf(match.groups ?? {}, now)
      return date === undefined ? [] : [{ date, start: match.index, end: match.index + match[0].length }]
    })
    .toSorted((one, other) => one.start - other.start)
    // `10 March 11` fits two forms: the one that begins first stands.
    .filter((found, index, all) => index === 0 || found.start >= (all[index - 1]?.end ?? 0))
