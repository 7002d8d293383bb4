import { describe, expect, it } from '@jest/globals'
import { Exclude, Expose, Transform, Type } from 'class-transformer'
import { Decimal } from 'decimal.js'
import { MemoryConfigError } from '../../../../lib/errors/memory-config.error.js'
import { EncodeError } from '../../../../lib/serialization/codec.errors.js'
import { loadClassTransformer } from '../../../../lib/serialization/types/class-transformer.js'
import { createTypes } from '../../../../lib/serialization/types/create-types.js'

class LineDto {
  sku = ''

  @Transform(({ value }: { value: Decimal }) => value.toJSON(), { toPlainOnly: true })
  @Transform(({ value }: { value: string }) => new Decimal(value), { toClassOnly: true })
  price = new Decimal(0)

  @Exclude()
  cost?: number
}

class OrderDto {
  id = 0

  @Type(() => Date)
  placed = new Date(0)

  @Expose({ name: 'order_lines' })
  @Type(() => LineDto)
  lines: LineDto[] = []

  @Type(() => Date)
  dates: Map<string, Date> = new Map<string, Date>()

  @Exclude()
  secret?: string

  extra: unknown = undefined
}

const type = createTypes([{ type: OrderDto, transform: 'class-transformer' }]).named('OrderDto')!
const line = (fields: Partial<LineDto>) => Object.assign(new LineDto(), fields)
const order = (fields: Partial<OrderDto>) => Object.assign(new OrderDto(), fields)
const roundTrip = (value: OrderDto) => type.deserialize(type.serialize(value), 1)

const refusal = (value: OrderDto): EncodeError => {
  try {
    type.serialize(value)
  } catch (error) {
    if (error instanceof EncodeError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a class of class-transformer', () => {
  it('comes back with its dates, nested classes and Decimals', () => {
    const value = order({
      id: 7,
      placed: new Date(1e12),
      lines: [line({ sku: 'a', price: new Decimal('-0') }), line({ price: new Decimal('1e+1000') })],
      dates: new Map([
        ['b', new Date(1)],
        ['a', new Date(2)],
      ]),
      extra: { big: 1n, at: new Date(3), bytes: Buffer.from('x') },
    })
    const back = roundTrip(value) as OrderDto
    expect(back).toStrictEqual(value)
    expect([...back.dates.keys()]).toEqual(['b', 'a'])
    expect(type.serialize(value)).toHaveProperty('order_lines.1.price', '1e+1000')
  })

  it('does not keep what is excluded', () => {
    const value = order({ secret: 'hunter2', lines: [line({ sku: 'a', cost: 3 })] })
    expect(JSON.stringify(type.serialize(value))).not.toMatch(/hunter2|cost/)
    expect(roundTrip(value)).toStrictEqual(order({ lines: [line({ sku: 'a' })] }))
    expect(type.toJson(value)).not.toHaveProperty('secret')
  })

  it.each([
    ['a Map it was not told of', new Map([['a', 1]]), ['extra']],
    ['a Set it was not told of', new Set([1]), ['extra']],
    ['a Decimal it was not told of', [new Decimal(1)], ['extra', 0]],
    ['a class it was not told of', { line: line({}) }, ['extra', 'line']],
    ['an own __proto__', JSON.parse('{"__proto__":1}'), ['extra', '__proto__']],
    ['a key named constructor', { constructor: 1 }, []],
    ['typed numbers', new Float32Array(2), ['extra']],
    ['a hole', Object.assign([], { 1: 1 }), ['extra']],
  ])('refuses %s', (_name, extra, steps) => {
    expect(refusal(order({ extra })).steps).toEqual(steps)
  })

  it('refuses an instance that would come back with a property more', () => {
    const value = order({})
    Reflect.deleteProperty(value, 'secret')
    Reflect.deleteProperty(value, 'extra')
    expect(refusal(value).steps).toEqual(['secret'])
  })

  it('refuses a cycle', () => {
    const extra: unknown[] = []
    extra.push(extra)
    expect(refusal(order({ extra })).given).toContain('an instance of RangeError was thrown')
  })
})

const missing = () => {
  throw Object.assign(new Error("Cannot find module 'class-transformer'"), { code: 'MODULE_NOT_FOUND' })
}
const broken = () => {
  throw new SyntaxError('broken')
}

describe('class-transformer that is not installed', () => {
  it('is said at boot', () => {
    expect(() => loadClassTransformer('serialization.types[1].transform', missing)).toThrow(MemoryConfigError)
    expect(() => loadClassTransformer('serialization.types[1].transform', missing)).toThrow(
      /serialization\.types\[1\]\.transform: 'class-transformer', a package that is not installed, given/,
    )
  })

  it('is not confused with one that is broken', () => {
    expect(() => loadClassTransformer('x', broken)).toThrow(SyntaxError)
  })
})
