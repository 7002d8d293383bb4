import { describe, expect, it } from '@jest/globals'
import { Type } from 'class-transformer'
import { IsDefined, IsInt, IsNumber, IsString, ValidateNested } from 'class-validator'
import { reasons, refusal, schemaOf } from './refusal.js'

class Geo {
  @IsNumber()
  lat!: number
}

class Address {
  @IsString()
  city!: string

  @ValidateNested()
  geo?: Geo
}

class Item {
  @IsInt()
  price!: number
}

class Gift extends Item {
  @IsString()
  card!: string
}

class OrderState {
  @ValidateNested()
  address!: Address

  @ValidateNested({ each: true })
  @Type(() => Item)
  items!: Item[]

  @ValidateNested({ each: true })
  @Type(() => Item, {
    discriminator: { property: 'kind', subTypes: [{ name: 'gift', value: Gift }] },
  })
  lines!: Item[]

  @ValidateNested({ each: true })
  @Type(() => Item)
  byName!: Map<string, Item>

  @ValidateNested({ each: true })
  @Type(() => Item)
  distinct!: Set<Item>

  @ValidateNested({ each: true })
  untyped!: Item[]

  @IsDefined()
  anything!: unknown
}

const address = (over: object): Address => Object.assign(new Address(), { city: 'Pécs' }, over)

describe('objects within state', () => {
  it.each([
    ['a plain object', { address: { city: 'Pécs', geo: { lat: 46 } } }],
    ['an object without prototype', { address: Object.assign(Object.create(null) as object, { city: 'Pécs' }) }],
    ['an instance', { address: address({ geo: Object.assign(new Geo(), { lat: 46 }) }) }],
    ['plain items', { items: [{ price: 1 }, { price: 2 }] }],
    ['no items', { items: [] }],
    ['plain items by @Type', { lines: [{ kind: 'gift', price: 1, card: 'to you' }, { price: 2 }] }],
    ['items of a Map', { byName: new Map([['tea', { price: 1 }]]) }],
    ['items of a Set', { distinct: new Set([{ price: 1 }]) }],
    ['instances in an array without @Type', { untyped: [Object.assign(new Item(), { price: 1 })] }],
    ['objects without a rule for what is in them', { anything: { any: ['thing'] } }],
  ])('accepts %s', async (_name, values) => {
    await expect(schemaOf(OrderState).check(values)).resolves.toBeUndefined()
  })

  it.each([
    [{ address: { city: 7 } }, 'values.address.city', 'a number', 'isString'],
    [{ address: {} }, 'values.address.city', 'undefined', 'isString'],
    [{ address: { city: 'Pécs', geo: { lat: 'north' } } }, 'values.address.geo.lat', 'a string of 5', 'isNumber'],
    [{ address: address({ city: 7 }) }, 'values.address.city', 'a number', 'isString'],
    [{ address: null }, 'values.address', 'null', 'nestedValidation'],
    [{ address: 'Pécs' }, 'values.address', 'a string', 'nestedValidation'],
    [{ items: [{ price: 1 }, { price: 2 }, { price: '3' }] }, 'values.items[2].price', 'a string', 'isInt'],
    [{ items: [[{ price: '3' }]] }, 'values.items[0][0].price', 'a string', 'isInt'],
    [{ items: [null] }, 'values.items[0]', 'null', 'nestedValidation'],
    [{ lines: [{ kind: 'gift', price: 1 }] }, 'values.lines[0].card', 'undefined', 'isString'],
    [{ byName: new Map([['tea', { price: '1' }]]) }, 'values.byName.tea.price', 'a string', 'isInt'],
    [{ distinct: new Set([{ price: '1' }]) }, 'values.distinct[0].price', 'a string', 'isInt'],
  ])('refuses %j with the whole path', async (values, path, given, rule) => {
    const error = await refusal(OrderState, values)
    expect(error.path).toBe(path)
    expect(error.message).toContain(`${path}: ${given}`)
    expect(error.message).toContain(`(${rule})`)
  })

  it('refuses plain objects whose class nothing tells, rather than leaving them unchecked', async () => {
    const plain = await refusal(OrderState, { untyped: [{ price: 1 }] })
    expect(plain.path).toBe('values.untyped[0]')
    expect(plain.message).toContain('a plain object given')
    expect(plain.message).toContain('@Type of class-transformer')
  })

  it('takes instances as they are: what is in them has to be instances as well', async () => {
    const error = await refusal(OrderState, { address: address({ geo: { lat: 46 } }) })
    expect(error.path).toBe('values.address.geo')
    expect(error.message).toContain('a plain object given')
  })

  it('refuses an instance of a class without rules', async () => {
    const error = await refusal(OrderState, { address: new URL('http://127.0.0.1') })
    expect(error.path).toBe('values.address')
    expect(error.message).toContain('an instance of URL given')
  })

  it('reports the place of what was read, but no key that may be a text of a user', async () => {
    expect(await reasons(OrderState, { address: { city: 7 } })).toEqual({
      address: 'breaks the state schema at address.city (isString)',
    })
    expect(await reasons(OrderState, { byName: new Map([['maria@example.com', { price: '1' }]]) })).toEqual({
      byName: 'breaks the state schema at byName["…"].price (isInt)',
    })
  })

  it('does not touch the given objects, and runs no constructor', async () => {
    const given = Object.freeze({ city: 'Pécs', geo: Object.freeze({ lat: 46 }) })
    await schemaOf(OrderState).check({ address: given })
    expect(Object.getPrototypeOf(given.geo)).toBe(Object.prototype)
  })
})
