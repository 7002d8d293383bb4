import { describe, expect, it } from '@jest/globals'
import {
  IsDate,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Min,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator'
import { MemoryConfigError } from '../../../../lib/errors/memory-config.error.js'
import { createStateSchema } from '../../../../lib/session/state-schema/create-state-schema.js'
import { reasons, refusal, schemaOf } from './refusal.js'

class ContactState {
  @IsString()
  @Length(3, 20)
  phone!: string
}

class BookingState extends ContactState {
  @IsDate()
  arrival!: Date

  @IsInt()
  @Min(1)
  guests!: number

  @IsOptional()
  @IsString()
  note?: string

  @IsIn(['card', 'cash'])
  payment!: string

  @ValidateIf(({ payment }: BookingState) => payment === 'card')
  @IsString()
  card!: string

  constructor() {
    super()
    throw new Error('state is never constructed')
  }
}

describe('a class of class-validator', () => {
  it.each([
    { phone: '+36 30 555 0199' },
    { arrival: new Date(0), guests: 2 },
    { note: undefined },
    { payment: 'cash', card: 17 },
    { card: 17 },
  ])('accepts %j: only the fields that are given are asked for', async (values) => {
    await expect(schemaOf(BookingState).check(values)).resolves.toBeUndefined()
  })

  it.each([
    [{ arrival: 'tomorrow' }, 'values.arrival', 'a string of 8 characters', 'arrival must be a Date instance (isDate)'],
    [{ guests: 0 }, 'values.guests', 'a number', 'guests must not be less than 1 (min)'],
    [{ phone: undefined }, 'values.phone', 'undefined', 'phone must be longer than or equal to 3'],
    [{ payment: 'card', card: 17 }, 'values.card', 'a number', 'card must be a string (isString)'],
    [{ note: 5 }, 'values.note', 'a number', 'note must be a string (isString)'],
  ])('refuses %j with path, kind and rule', async (values, path, given, allowed) => {
    const error = await refusal(BookingState, values)
    expect(error).toMatchObject({ path, code: 'ARGUMENT_INVALID', executed: 'no' })
    expect(error.message).toContain(`${path}: ${given} given; allowed: ${allowed}`)
  })

  it('tells the first field in the order they were given', async () => {
    expect((await refusal(BookingState, { guests: 0, arrival: 1 })).path).toBe('values.guests')
    expect((await refusal(BookingState, { arrival: 1, guests: 0 })).path).toBe('values.arrival')
  })

  it('refuses a field without rules, lists the fields, and names the nearest', async () => {
    const error = await refusal(BookingState, { phone: '+36 1', arival: new Date() })
    expect(error.path).toBe('values.arival')
    expect(error.message).toContain('did you mean arrival?')
    for (const field of ['phone', 'arrival', 'guests', 'note', 'payment', 'card']) {
      expect(error.message).toContain(field)
    }
  })

  it.each(['constructor', 'toString', '__proto__'])('knows no field %s', async (field) => {
    const values = JSON.parse(`{ "${field}": 1 }`) as Record<string, unknown>
    expect((await refusal(BookingState, values)).message).toContain('no rule for this field')
  })

  it('leaves the values as they are', async () => {
    const values = Object.freeze({ arrival: Object.freeze(new Date(0)) })
    await schemaOf(BookingState).check(values)
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype)
  })

  it('reports values that were read, and leaves out those that are fine or have no rules any more', async () => {
    expect(await reasons(BookingState, { arrival: '2031-03-10', guests: -1, note: 'late', former: 1 })).toEqual({
      arrival: 'breaks the state schema at arrival (isDate)',
      guests: 'breaks the state schema at guests (min)',
    })
    expect(await reasons(BookingState, { former: 1 })).toEqual({})
  })

  it('is refused when it has no rules', () => {
    class Unruled {
      readonly phone = ''
    }
    expect(() => createStateSchema(Unruled)).toThrow(MemoryConfigError)
  })
})

const Taken = (): PropertyDecorator =>
  ValidateBy({
    name: 'taken',
    validator: {
      validate: async (value) => {
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
        return value !== 'taken'
      },
      defaultMessage: () => 'room must be free',
    },
  })

class RoomState {
  @Taken()
  room!: string

  @IsString({ message: 'code cannot be $value' })
  code!: string

  @IsIn(['x'], { message: ({ value }: ValidationArguments) => `no ${String(value).toUpperCase()} here` })
  name!: string

  @IsIn(['x'], { message: 'secretly closed' })
  door!: string
}

describe('rules of an application', () => {
  it('are awaited', async () => {
    await expect(schemaOf(RoomState).check({ room: 'free' })).resolves.toBeUndefined()
    expect((await refusal(RoomState, { room: 'taken' })).message).toContain('room must be free (taken)')
    expect(await reasons(RoomState, { room: 'taken' })).toEqual({ room: 'breaks the state schema at room (taken)' })
  })

  it.each([
    [{ code: 4_111_111 }, '4111111', '(isString)'],
    [{ name: 'Maria' }, 'maria', '(isIn)'],
    [{ door: 'secret' }, 'secret', '(isIn)'],
  ])('of %j stay out of the error when their message repeats the value', async (values, text, rule) => {
    const { message } = await refusal(RoomState, values)
    expect(message.toLowerCase()).not.toContain(text)
    expect(message).toContain(`what the schema's rule allows ${rule}`)
  })
})
