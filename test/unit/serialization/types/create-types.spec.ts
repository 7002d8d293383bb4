import { types as kinds } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { Decimal } from 'decimal.js'
import type { TypeOption } from '../../../../lib/options/serialization-options.interface.js'
import { DecodeError, EncodeError } from '../../../../lib/serialization/codec.errors.js'
import { createTypes } from '../../../../lib/serialization/types/create-types.js'
import { MemoryType } from '../../../../lib/serialization/types/memory-type.decorator.js'
import type { RegisteredType } from '../../../../lib/serialization/types/registered-type.interface.js'

const typeOf = (option: TypeOption, value: object): RegisteredType => {
  const type = createTypes([option]).of(value)
  if (type === undefined) throw new Error('the class is not registered')
  return type
}

const nameAndVersion = (option: TypeOption, value: object): unknown[] => {
  const { name, version } = typeOf(option, value)
  return [name, version]
}

const roundTrip = (option: TypeOption, value: object): object => {
  const type = typeOf(option, value)
  return type.deserialize(type.serialize(value), type.version)
}

const encodeRefusal = (option: TypeOption, value: object): EncodeError => {
  try {
    typeOf(option, value).serialize(value)
  } catch (error) {
    if (error instanceof EncodeError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const decodeRefusal = (option: TypeOption, name: string, data: unknown, version = 1): string => {
  try {
    createTypes([option]).named(name)?.deserialize(data, version)
  } catch (error) {
    if (error instanceof DecodeError) return error.reason
    throw error
  }
  throw new Error('nothing was refused')
}

class Money {
  constructor(
    readonly cents: number,
    readonly currency: string,
  ) {
    if (currency === undefined) throw new Error('the constructor ran')
  }
}

describe('the registry', () => {
  it('is empty by default', () => {
    const types = createTypes([])
    expect(types.of(new Money(1, 'EUR'))).toBeUndefined()
    expect(types.of(Object.create(null))).toBeUndefined()
    expect(types.named('Object')).toBeUndefined()
  })

  it('knows an instance by its prototype, whatever it calls its constructor', () => {
    const types = createTypes([Decimal, Money])
    expect(types.of(new Decimal(1))).toMatchObject({ type: Decimal, name: 'Decimal', version: 1 })
    expect(types.of({ constructor: Money })).toBeUndefined()
    expect(types.of(new (class extends Money {})(1, 'EUR'))).toBeUndefined()
  })

  it('takes the name of the definition, else of the decorator, else of the class', () => {
    @MemoryType({ name: 'Geo', version: 2 })
    class Point {
      x = 1
    }
    class Pixel extends Point {}
    expect(nameAndVersion(Point, new Point())).toEqual(['Geo', 2])
    expect(nameAndVersion({ type: Point, name: 'P' }, new Point())).toEqual(['P', 2])
    expect(nameAndVersion({ type: Point, name: undefined }, new Point())).toEqual(['Geo', 2])
    expect(nameAndVersion(Pixel, new Pixel())).toEqual(['Pixel', 1])
  })
})

describe('a Decimal', () => {
  it.each(['0', '-0', 'NaN', 'Infinity', '-Infinity', '1e+1000', '-1e-1000', '0.1', `0.${'123456789'.repeat(30)}`])(
    'comes back as %s',
    (text) => {
      const back = roundTrip(Decimal, new Decimal(text)) as Decimal
      expect(back).toStrictEqual(new Decimal(text))
      expect(back.toJSON()).toBe(text)
    },
  )

  it.each([
    ['a text of another radix, which takes long', `-0x${'f'.repeat(1_000_000)}`],
    ['properties, with which its methods may never end', { s: 1, e: 0, d: { length: 5 } }],
    ['a list', ['1']],
    ['nothing', null],
  ])('is not made of %s', (_name, data) => {
    const started = performance.now()
    expect(decodeRefusal(Decimal, 'Decimal', data)).toMatch(/^type Decimal: the digits of a number expected, .* found$/)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('is made of a number, too, as a migration may give it', () => {
    expect(createTypes([Decimal]).named('Decimal')?.deserialize(5, 1)).toStrictEqual(new Decimal(5))
  })

  it('of another configuration is refused: its constructor would not come back', () => {
    const Precise = Decimal.clone({ precision: 50 })
    expect(encodeRefusal(Decimal, new Precise(1)).allowed).toContain('serialize and deserialize')
    expect((roundTrip(Precise, new Precise(1)) as Decimal).constructor).toBe(Precise)
  })
})

describe('a class by its own properties', () => {
  it('comes back without its constructor', () => {
    const back = roundTrip(Money, new Money(5, 'EUR'))
    expect(back).toStrictEqual(new Money(5, 'EUR'))
    expect(Object.getPrototypeOf(back)).toBe(Money.prototype)
    expect(Object.keys(back)).toEqual(['cents', 'currency'])
  })

  it('runs no setter and no __proto__ of hostile data', () => {
    class Guarded {
      set level(_level: number) {
        throw new Error('the setter ran')
      }
    }
    const type = typeOf({ type: Guarded }, new Guarded())
    const data: unknown = JSON.parse('{"level":1,"__proto__":{"admin":true},"constructor":2}')
    const back = type.deserialize(data, 1)
    expect(Object.getPrototypeOf(back)).toBe(Guarded.prototype)
    expect(Reflect.ownKeys(back)).toEqual(['level', '__proto__', 'constructor'])
    expect('admin' in back).toBe(false)
  })

  it('without properties comes back where there is nothing to lose', () => {
    class Marker {
      isMarker() {
        return true
      }
    }
    expect(roundTrip(Marker, new Marker())).toStrictEqual(new Marker())
  })

  it.each([
    ['a symbol key', Object.assign(new Money(1, 'EUR'), { [Symbol('s')]: 1 }), []],
    ['a hidden property', Object.defineProperty(new Money(1, 'EUR'), 'h', { value: 1 }), ['h']],
    ['an accessor', Object.defineProperty(new Money(1, 'EUR'), 'a', { get: () => 1, enumerable: true }), ['a']],
  ])('is refused with %s', (_name, value, steps) => {
    expect(encodeRefusal(Money, value).steps).toEqual(steps)
  })

  it('is refused when it holds private members that a getter shows', () => {
    class Account {
      owner = 'me'
      readonly #balance: number
      constructor(balance: number) {
        this.#balance = balance
      }
      get balance() {
        return this.#balance
      }
    }
    expect(encodeRefusal(Account, new Account(3)).given).toBe('an instance with content outside of its properties')
  })

  it('comes back with a getter that throws for another reason', () => {
    class Lazy {
      parts?: readonly string[]
      get first() {
        return this.parts!.length
      }
    }
    expect(roundTrip(Lazy, new Lazy())).toStrictEqual(new Lazy())
  })

  it('is refused when it was made of something and shows nothing', () => {
    class Handle {
      readonly #id: number
      constructor(id: number) {
        this.#id = id
      }
      id() {
        return this.#id
      }
    }
    expect(encodeRefusal(Handle, new Handle(3)).allowed).toContain('serialize and deserialize')
  })

  it.each([[null], ['text'], [[1]], [new Map()]])('is not made of %p', (data) => {
    expect(decodeRefusal(Money, 'Money', data)).toMatch(/^type Money: properties expected, .* found$/)
  })
})

describe('a class with toJSON', () => {
  it('that only shows itself is refused', () => {
    class Rounded {
      constructor(readonly value: number) {}
      toJSON() {
        return this.value.toFixed(2)
      }
    }
    expect(encodeRefusal(Rounded, new Rounded(1.234)).allowed).toContain('serialize and deserialize')
  })

  it('whose constructor does not take that is refused', () => {
    class Picky {
      readonly parts: readonly string[]
      constructor(parts: readonly string[]) {
        if (!Array.isArray(parts)) throw new RangeError('user text')
        this.parts = parts
      }
      toJSON() {
        return this.parts.join('-')
      }
    }
    const { given } = encodeRefusal(Picky, new Picky(['a']))
    expect(given).toBe('an instance of Picky that cannot be serialized (an instance of RangeError was thrown)')
  })

  it('whose constructor makes another text of it is refused', () => {
    class Counter {
      #count = 0
      add() {
        this.#count += 1
        return this
      }
      toJSON() {
        return this.#count
      }
    }
    expect(roundTrip(Counter, new Counter())).toStrictEqual(new Counter())
    expect(encodeRefusal(Counter, new Counter().add()).allowed).toContain('serialize and deserialize')
  })

  it('whose text looks like a number of another radix is kept by it', () => {
    class Address {
      constructor(readonly text: string) {
        if (text.length < 10) throw new RangeError('too short')
      }
      toJSON() {
        return this.text
      }
      valueOf() {
        return this.text
      }
    }
    expect(roundTrip(Address, new Address('0x1234567890abcdef'))).toStrictEqual(new Address('0x1234567890abcdef'))
  })

  it('of a later release is made of the properties that were kept before', () => {
    class Label {
      constructor(readonly text: string) {}
      toJSON() {
        return this.text
      }
      valueOf() {
        return this.text
      }
    }
    const back = createTypes([Label]).named('Label')?.deserialize({ text: 'a' }, 1)
    expect(back).toStrictEqual(new Label('a'))
  })

  it('that gives an object is kept by its properties', () => {
    class Shown {
      a = 1
      toJSON() {
        return { shown: this.a }
      }
    }
    const value = Object.assign(new Shown(), { a: 2 })
    expect(roundTrip(Shown, value)).toStrictEqual(value)
    expect(typeOf(Shown, value).toJson(value)).toEqual({ shown: 2 })
  })
})

describe('an error of a subclass', () => {
  class QuotaError extends RangeError {
    readonly limit: number
    constructor(limit: number, options?: ErrorOptions) {
      super('over the limit', options)
      this.name = 'QuotaError'
      this.limit = limit
    }
  }

  it('comes back with its stack, its cause and what it adds', () => {
    const error = new QuotaError(3, { cause: new Error('inner') })
    const back = roundTrip(QuotaError, error) as QuotaError
    expect(back).toBeInstanceOf(QuotaError)
    expect(kinds.isNativeError(back)).toBe(true)
    expect(Object.getOwnPropertyDescriptors(back)).toEqual(Object.getOwnPropertyDescriptors(error))
    expect(Reflect.ownKeys(back)).toEqual(Reflect.ownKeys(error))
  })

  it('comes back with the errors it gathers', () => {
    class Batch extends AggregateError {}
    const error = new Batch([new Error('a')], 'all')
    const back = roundTrip(Batch, error) as Batch
    expect(back.errors).toEqual(error.errors)
    expect(Reflect.ownKeys(back)).toEqual(Reflect.ownKeys(error))
    expect(Object.prototype.propertyIsEnumerable.call(back, 'errors')).toBe(false)
  })

  it('comes back without a message', () => {
    class Bare extends Error {}
    expect(Reflect.ownKeys(roundTrip(Bare, new Bare()))).toEqual(['stack'])
  })

  it('is refused when it holds private members that a getter shows', () => {
    class Sealed extends Error {
      readonly #code: number
      constructor(code: number) {
        super('sealed')
        this.#code = code
      }
      get code() {
        return this.#code
      }
    }
    class Sub extends Sealed {}
    const { given, allowed } = encodeRefusal(Sealed, new Sealed(1))
    expect(given).toBe('an error with private members')
    expect(allowed).toContain('serialize and deserialize')
    expect(() => typeOf(Sub, new Sub(1)).serialize(new Sub(1))).toThrow(EncodeError)
  })

  it('with a getter of its own properties comes back', () => {
    class Twice extends Error {
      get twice() {
        return this.message + this.message
      }
    }
    expect((roundTrip(Twice, new Twice('a')) as Twice).twice).toBe('aa')
  })

  it('shows clients no stack and no cause', () => {
    const error = new QuotaError(3, { cause: new Error('inner') })
    const shown = { name: 'QuotaError', message: 'over the limit', limit: 3 }
    expect(typeOf(QuotaError, error).toJson(error)).toEqual(shown)
  })

  it('shows clients what serialize gives, if its definition says that', () => {
    const definition = { type: QuotaError, serialize: () => 'over', deserialize: () => new QuotaError(1) }
    expect(typeOf(definition, new QuotaError(3)).toJson(new QuotaError(3))).toBe('over')
  })

  it('is refused with a symbol key', () => {
    const error = Object.assign(new QuotaError(3), { [Symbol('s')]: 1 })
    expect(encodeRefusal(QuotaError, error).given).toBe('a symbol key')
  })

  it.each([[null], [{}], [[]], [[{}]], [[{}, {}]], [['a', []]], [[{}, [], 1]]])('is not made of %j', (data) => {
    expect(decodeRefusal(QuotaError, 'QuotaError', data)).toMatch(/^type QuotaError: /)
  })
})

const withVersion = (cents: number, from: number): unknown => [cents, `v${from}`]

describe('a definition', () => {
  const money = {
    type: Money,
    version: 2,
    serialize: (value: Money) => [value.cents, value.currency],
    deserialize: ([cents, currency]: [number, string]) => new Money(cents, currency),
  }

  it('serializes and deserializes', () => {
    expect(roundTrip(money, new Money(5, 'EUR'))).toStrictEqual(new Money(5, 'EUR'))
    expect(typeOf(money, new Money(5, 'EUR')).toJson(new Money(5, 'EUR'))).toEqual([5, 'EUR'])
  })

  it('shows clients what toJson gives', () => {
    const value = new Money(5, 'EUR')
    expect(typeOf({ ...money, toJson: ({ cents }: Money) => cents / 100 }, value).toJson(value)).toBe(0.05)
  })

  it('migrates what is older', () => {
    expect(
      createTypes([{ ...money, migrate: withVersion }])
        .named('Money')
        ?.deserialize(5, 1),
    ).toStrictEqual(new Money(5, 'v1'))
  })

  const secret = new RangeError('user text')
  const thrower = () => {
    throw secret
  }
  it.each([
    ['older without a migration', money, 1, 'version 1 without a migration: this application has version 2'],
    ['newer', money, 3, 'version 3, which is newer: this application has version 2'],
    ['no version', money, 1.5, 'a version that is no whole number above 0'],
    [
      'a throwing migrate',
      { ...money, migrate: thrower },
      1,
      'cannot be migrated (an instance of RangeError was thrown)',
    ],
    [
      'a throwing deserialize',
      { ...money, deserialize: thrower },
      2,
      'cannot be deserialized (an instance of RangeError was thrown)',
    ],
    [
      'a plain object',
      { ...money, deserialize: () => ({ cents: 1 }) },
      2,
      'a plain object came out of deserialize instead of an instance',
    ],
    [
      'a subclass',
      { ...money, deserialize: () => new (class Sub extends Money {})(1, 'EUR') },
      2,
      'an instance of Sub came out of deserialize instead of an instance',
    ],
    [
      'nothing',
      { ...money, deserialize: () => undefined },
      2,
      'undefined came out of deserialize instead of an instance',
    ],
  ])('refuses %s', (_name, option, version, reason) => {
    expect(decodeRefusal(option, 'Money', [1, 'EUR'], version)).toBe(`type Money: ${reason}`)
  })

  it('whose serialize throws refuses the value without what was said', () => {
    const { given } = encodeRefusal({ ...money, serialize: thrower }, new Money(1, 'EUR'))
    expect(given).toBe('an instance of Money that cannot be serialized (an instance of RangeError was thrown)')
  })
})
