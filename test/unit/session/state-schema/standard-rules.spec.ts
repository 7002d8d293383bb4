import { describe, expect, it } from '@jest/globals'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { z } from 'zod'
import { createStateSchema } from '../../../../lib/session/state-schema/create-state-schema.js'
import { reasons, refusal, schemaOf } from './refusal.js'

const Booking = z
  .strictObject({
    arrival: z.date(),
    departure: z.date(),
    guests: z.coerce.number<string | number>().int().min(1),
    phone: z.string().transform((text) => text.replaceAll(' ', '')),
    note: z.string().optional(),
    address: z.strictObject({ city: z.string(), geo: z.array(z.number()).optional() }),
    prices: z.record(z.string(), z.number()),
  })
  .partial({ departure: true, guests: true })

const Stay = z
  .object({ from: z.number().optional(), to: z.number().optional(), code: z.string().optional() })
  .refine(({ from = 0, to = 0 }) => from <= to, { message: 'it ends before it begins' })
  .refine(({ code }) => code !== 'used', { path: ['code'], error: ({ input }) => `used: ${JSON.stringify(input)}` })

const schema = (validate: StandardSchemaV1.Props['validate']): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'test', validate },
})

describe('a Standard Schema', () => {
  it('is optional', () => {
    expect(createStateSchema(undefined)).toBeUndefined()
  })

  it.each([
    { arrival: new Date(0) },
    { note: undefined },
    { guests: '2' },
    { address: { city: 'Pécs' }, prices: { tea: 3 } },
  ])('accepts %j: only the fields that are given are asked for', async (values) => {
    await expect(schemaOf(Booking).check(values)).resolves.toBeUndefined()
  })

  it('checks only: what it would transform or coerce stays as it is', async () => {
    const values = Object.freeze({ phone: '+36 30 555', guests: '2' })
    await schemaOf(Booking).check(values)
    expect(values).toEqual({ phone: '+36 30 555', guests: '2' })
  })

  it.each([
    [
      { arrival: 'soon' },
      'values.arrival',
      'a string of 4 characters',
      'expected date, received string (invalid_type)',
    ],
    [{ phone: undefined }, 'values.phone', 'undefined', 'expected string, received undefined (invalid_type)'],
    [{ address: {} }, 'values.address.city', 'undefined', 'expected string'],
    [{ address: { city: 'Pécs', geo: [1, 'x'] } }, 'values.address.geo[1]', 'a string', 'expected number'],
    [{ address: { city: 'Pécs', ctiy: 1 } }, 'values.address', 'a plain object', 'Unrecognized key: "ctiy"'],
    [{ prices: { 'green tea': '3' } }, 'values.prices["green tea"]', 'a string', 'expected number'],
    [{ note: 'x', arival: 1 }, 'values', 'values of 2 fields', 'Unrecognized key: "arival"'],
  ])('refuses %j with path, kind and what it says', async (values, path, given, allowed) => {
    const error = await refusal(Booking, values)
    expect(error).toMatchObject({ path, code: 'ARGUMENT_INVALID', executed: 'no' })
    expect(error.message).toContain(`${path}: ${given}`)
    expect(error.message).toContain(allowed)
  })

  it('holds the given fields against rules over several fields', async () => {
    await expect(schemaOf(Stay).check({ to: 2 })).resolves.toBeUndefined()
    const error = await refusal(Stay, { from: 3, to: 2 })
    expect(error.path).toBe('values')
    expect(error.message).toContain('it ends before it begins (custom)')
  })

  it('keeps a message out of the error that repeats what was given anywhere', async () => {
    const error = await refusal(Stay, { from: 123_456, to: 123_456, code: 'used' })
    expect(error.path).toBe('values.code')
    expect(error.message).not.toContain('123456')
    expect(error.message).toContain("what the schema's rule allows (custom)")
  })

  it('reports values that were read, each by itself', async () => {
    const read = {
      arrival: 'soon',
      phone: 'fine',
      address: { city: 1 },
      prices: { 'green tea': '3' },
      note: 7,
      former: 1,
    }
    expect(await reasons(Booking, read)).toEqual({
      arrival: 'breaks the state schema at arrival (invalid_type)',
      address: 'breaks the state schema at address.city (invalid_type)',
      prices: 'breaks the state schema at prices["…"] (invalid_type)',
      note: 'breaks the state schema at note (invalid_type)',
    })
    expect(await reasons(Stay, { from: 3, to: 2 })).toEqual({})
  })

  it('is awaited', async () => {
    const Slow = z.object({ room: z.string().refine((room) => Promise.resolve(room !== 'taken'), 'is not free') })
    await expect(schemaOf(Slow).check({ room: 'free' })).resolves.toBeUndefined()
    expect((await refusal(Slow, { room: 'taken' })).message).toContain('is not free')
    expect(await reasons(Slow, { room: 'taken' })).toEqual({ room: 'breaks the state schema at room (custom)' })
  })

  it('may give its paths as segments, and may be a function or a class', async () => {
    const issue = { message: 'no', path: [{ key: 'list' }, { key: 0 }, 'price'] }
    const callable = Object.assign(
      () => 'a schema',
      schema(() => ({ issues: [issue] })),
    )
    expect((await refusal(callable as never, { list: [{ price: 1 }] })).path).toBe('values.list[0].price')
    class Schema {
      readonly list: unknown
      static readonly '~standard' = schema(() => ({ issues: [issue] }))['~standard']
    }
    expect((await refusal(Schema, { list: [] })).path).toBe('values.list[0].price')
  })

  it('tells the first of the rules that one field breaks', async () => {
    const issues = ['b', 'a'].map((key) => ({ message: `no ${key}`, path: ['field', key] }))
    const option = schema(() => ({ issues }))
    expect((await refusal(option, { field: {} })).path).toBe('values.field.b')
    expect(await reasons(option, { field: {} })).toEqual({ field: 'breaks the state schema at field.b' })
  })

  it('finds a field whose name is a number', async () => {
    const error = await refusal(
      schema(() => ({ issues: [{ message: 'no', path: [7] }] })),
      { 7: true },
    )
    expect(error.path).toBe('values["7"]')
  })

  it.each([
    [
      'throws',
      schema(() => {
        throw new RangeError('about Maria')
      }),
    ],
    ['rejects', schema(() => Promise.reject(new RangeError('about Maria')))],
  ])('that %s is told by the class of the error', async (_name, throwing) => {
    const error = await refusal(throwing, { guests: 2 })
    expect(error.path).toBe('values.guests')
    expect(error.message).toContain('it threw an instance of RangeError')
    expect(error.message + String(error.cause)).not.toContain('Maria')
    expect(await reasons(throwing, { guests: 2, note: 'x' })).toEqual({
      guests: 'cannot be checked: the state schema threw an instance of RangeError at guests',
      note: 'cannot be checked: the state schema threw an instance of RangeError at note',
    })
  })

  it.each([undefined, null, { issues: 3 }, { issues: [null] }])(
    'that answers %j is one that throws',
    async (answer) => {
      expect(
        (
          await refusal(
            schema(() => answer as never),
            { a: 1 },
          )
        ).message,
      ).toContain('an instance of TypeError')
    },
  )
})
