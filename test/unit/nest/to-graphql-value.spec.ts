import { describe, expect, it } from '@jest/globals'
import { Decimal } from 'decimal.js'
import { toGraphqlValue } from '../../../lib/nest/plain-json/to-graphql-value.js'
import { Money, types } from './plain.js'

const convert = (value: unknown): unknown => toGraphqlValue(value, types)

const field = (): number => 1

class Order {
  readonly total = new Decimal(1)
}

describe('a value for GraphQL', () => {
  it('has leaves as in JSON, and keeps Dates, instances and functions', () => {
    const order = new Order()
    const money = new Money(new Decimal(1), 'EUR')
    const at = new Date(0)
    const error = new Error('no')
    const value = {
      price: new Decimal('1.50'),
      big: 1n,
      bytes: Buffer.from('a'),
      map: new Map([['a', order]]),
      set: new Set([2n]),
      url: new URL('https://example.com/'),
      none: Number.NaN,
    }
    const kept = { order, money, at, field, error, nothing: undefined }
    expect(convert({ ...value, ...kept })).toStrictEqual({
      price: '1.5',
      big: '1',
      bytes: 'YQ==',
      map: [['a', order]],
      set: ['2'],
      url: 'https://example.com/',
      none: null,
      ...kept,
    })
    expect((convert([order, 1n]) as unknown[])[0]).toBe(order)
    expect((convert([money, 1n]) as unknown[])[0]).toBe(money)
  })

  it('is handed back as it is where nothing is to be done', () => {
    const value = { a: [1, new Date(0), new Order()] }
    expect(convert(value)).toBe(value)
  })

  it('may lead back to itself', () => {
    const parent: Record<string, unknown> = { name: 'p', big: 1n }
    parent['children'] = Array.from({ length: 30 }, () => ({ parent, siblings: parent }))
    const made = convert(parent) as { big: string; children: { parent: { name: string } }[] }
    expect(made.big).toBe('1')
    expect(made.children[29]?.parent.name).toBe('p')
  })
})
