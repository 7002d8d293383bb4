import { expect, it } from '@jest/globals'
import { valueKind } from '../../../lib/errors/value-kind.js'

it.each<[unknown, string]>([
  [undefined, 'undefined'],
  [null, 'null'],
  ['', 'an empty string'],
  ['a secret', 'a string of 8 characters'],
  [0, 'the number 0'],
  [1.5, 'the number 1.5'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [true, 'the boolean true'],
  [1n, 'a bigint'],
  [Symbol('x'), 'a symbol'],
  [() => 1, 'a function'],
  [[], 'an empty array'],
  [[1, 2], 'an array of 2'],
  [{ a: 1 }, 'a plain object'],
  [Object.create(null), 'a plain object'],
  [new Map(), 'an instance of Map'],
  [Object.assign(new Map(), { constructor: { name: 'a text' } }), 'an instance of Map'],
  [Object.create({ constructor: {} }), 'an object of an unnamed class'],
])('says what %p is without saying what is in it', (value, kind) => {
  expect(valueKind(value)).toBe(kind)
})
