import { findDates, type FoundDate } from './find-dates.js'
import type { DateSlots, Slots } from './slots.interface.js'

// Names begin with a capital letter, so that "call me back" names nobody.
const NAME =
  /\b(?:[Mm]y name is|[Mm]y name's|[Ii] am called|[Cc]all me)\s+(?<name>\p{Lu}[\p{L}'’-]*(?:\s+\p{Lu}[\p{L}'’-]*){0,3})/u

const PHONE = /(?<![\w-])(?<phone>\+?\(?\d[\d\s().-]{5,20}\d)(?![\w-])/u

const FROM = /\b(?:from|starting|beginning|between)\s+(?:on\s+)?(?:the\s+)?$/iu
const UNTIL = /\b(?:until|till|to|through|and)\s+(?:the\s+)?$/iu

/** `beginning on the `, with room for a few more blanks. */
const LONGEST_PREPOSITION = 24

const phoneIn = (text: string): string | undefined => {
  const phone = PHONE.exec(text)?.groups?.phone?.trim()
  const digits = phone?.replaceAll(/\D/gu, '').length ?? 0
  return digits >= 7 && digits <= 15 ? phone : undefined
}

const kindOf = (text: string, { start }: FoundDate): keyof DateSlots => {
  const before = text.slice(Math.max(0, start - LONGEST_PREPOSITION), start)
  if (FROM.test(before)) return 'from'
  return UNTIL.test(before) ? 'until' : 'on'
}

const datesIn = (text: string, found: readonly FoundDate[]): DateSlots | undefined =>
  found.length === 0 ? undefined : Object.fromEntries(found.map((each) => [kindOf(text, each), each.date]))

const without = (text: string, found: readonly FoundDate[]): string =>
  [{ end: 0 }, ...found].map(({ end }, index) => text.slice(end, found[index]?.start)).join(' , ')

const defined = (slots: Slots): Slots =>
  Object.fromEntries(Object.entries(slots).filter(([, value]) => value !== undefined))

/**
 * Finds a name, a phone number and dates in what a customer wrote. A real agent would have its model call a tool for
 * this; a few patterns do for a sample, and always find the same.
 *
 * @param writtenAt when the text was written: what "tomorrow" and a day without a year refer to
 */
export const extractSlots = (text: string, writtenAt: Date): Slots => {
  const found = findDates(text, writtenAt)
  return defined({
    name: NAME.exec(text)?.groups?.name,
    // Without the dates: 2026-03-10 would pass for a phone number.
    phone: phoneIn(without(text, found)),
    dates: datesIn(text, found),
  })
}
