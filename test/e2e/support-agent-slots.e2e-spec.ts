import { describe, expect, it } from '@jest/globals'
import { extractSlots } from '../../sample/01-support-agent/src/slots/extract-slots.js'

const NOW = new Date('2031-03-05T22:15:00.000Z')
const day = (text: string): Date => new Date(`${text}T00:00:00.000Z`)

describe('the slots of the support agent', () => {
  it.each([
    ['My name is Ada.', 'Ada'],
    ['Hello, my name is Ada Grace and I need a room', 'Ada Grace'],
    ['I am called Zoë', 'Zoë'],
    ['please call me back', undefined],
    ['What is my name?', undefined],
  ])('finds the name in: %s', (text, name) => {
    expect(extractSlots(text, NOW).name).toBe(name)
  })

  it.each([
    ['My number is 555-0142-77.', '555-0142-77'],
    ['call +1 (555) 0142 77, please', '+1 (555) 0142 77'],
    ['at 3 pm for 2 people, 900 at most', undefined],
    ['from 2031-03-10 until 2031-03-14', undefined],
    ['order 12345678901234567890', undefined],
  ])('finds the phone number in: %s', (text, phone) => {
    expect(extractSlots(text, NOW).phone).toBe(phone)
  })

  it.each([
    ['from 2031-03-10 until 2031-03-14', { from: day('2031-03-10'), until: day('2031-03-14') }],
    ['from the 10th of March till March 14th', { from: day('2031-03-10'), until: day('2031-03-14') }],
    ['between 30 dec 2031 and Jan. 2, 2032', { from: day('2031-12-30'), until: day('2032-01-02') }],
    ['on March 5th', { on: day('2031-03-05') }],
    ['on March 4th', { on: day('2032-03-04') }],
    ['Tomorrow at 7 pm?', { on: day('2031-03-06') }],
    ['30 February 2031, or 2031-13-01', undefined],
    ['29 February 2032', { on: day('2032-02-29') }],
    ['nothing of the kind', undefined],
  ])('finds the dates in: %s', (text, dates) => {
    expect(extractSlots(text, NOW).dates).toEqual(dates)
  })

  it('names no slot it has not found', () => {
    expect(Object.keys(extractSlots('Good morning', NOW))).toEqual([])
  })
})
