import { describe, expect, it } from '@jest/globals'
import { IsDate, IsOptional, IsString } from 'class-validator'
import { z } from 'zod'
import type { StateOf, StateOption } from '../../../../lib/options/state-option.interface.js'
import type { SessionState } from '../../../../lib/session/state/session-state.interface.js'

type IsAny<T> = 0 extends 1 & T ? true : false
type Equal<One, Other> =
  true extends IsAny<One>
    ? false
    : [One, Other] extends [Other, One]
      ? [keyof One] extends [keyof Other]
        ? true
        : false
      : false

class BookingState {
  @IsDate()
  arrival!: Date

  @IsOptional()
  @IsString()
  note?: string
}

abstract class WithParameters {
  constructor(readonly phone: string) {}
}

const Booking = z.object({ arrival: z.date(), guests: z.number().default(1), at: z.string().transform(Number) })

// The compiler is what tests these: a wrong type does not compile.
const ofClass: Equal<StateOf<typeof BookingState>, BookingState> = true
const ofAbstractClass: Equal<StateOf<typeof WithParameters>, WithParameters> = true
const ofSchema: Equal<StateOf<typeof Booking>, { arrival: Date; guests?: number | undefined; at: string }> = true
const notAny: Equal<StateOf<typeof Booking>, { arrival: string }> = false

// @ts-expect-error an object is no schema
const noSchema: StateOption = { arrival: 'date' }

const write = (state: Pick<SessionState<StateOf<typeof BookingState>>, 'set'>): unknown => [
  state.set({ arrival: new Date() }),
  // @ts-expect-error a text is no Date
  state.set({ arrival: '2031-03-10' }),
  // @ts-expect-error there is no such field
  state.set({ arival: new Date() }),
]

describe('StateOf', () => {
  it('is the instance of a class, or what a schema takes', () => {
    expect({ ofClass, ofAbstractClass, ofSchema, notAny }).toEqual({
      ofClass: true,
      ofAbstractClass: true,
      ofSchema: true,
      notAny: false,
    })
    expect([noSchema, write]).toHaveLength(2)
  })
})
