import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import { Exclude, Expose, instanceToPlain, Transform, Type } from 'class-transformer'
import { Decimal } from 'decimal.js'
import { plain, plainWithoutTransformer } from './plain.js'

class Address {
  @Exclude() readonly door = 'secret'
  readonly city = 'Ulm'
}

class Person {
  @Exclude() readonly password = 'secret'
  @Expose({ groups: ['admin'] }) readonly email = 'a@example.com'
  @Expose({ name: 'born' }) readonly birth = new Date(0)
  readonly balance = new Decimal('12.50')
  @Transform(({ value }: { value: Decimal }) => value.toFixed(2)) readonly credit = new Decimal('7.5')
  @Type(() => Address) readonly addresses: readonly Address[] = [new Address()]
  @Type(() => Address) readonly work: unknown = { door: 'secret', city: 'Bonn' }
  @Type(() => String) readonly id: unknown = new URL('https://example.com/')
  readonly byName = new Map([['home', new Address()]])
  @Type(() => Address) readonly byType = new Map([['work', { door: 'secret', city: 'Rom' }]])
  readonly _internal = 1

  @Expose() get initials(): string {
    return 'A'
  }
}

class Employee extends Person {
  readonly wage = new Decimal(1)
}

class Bare {
  readonly secret = 1
}

@Exclude()
class Hidden {
  @Expose() readonly shown = new Decimal('1.10')
  readonly secret = 1
}

const person = {
  born: '1970-01-01T00:00:00.000Z',
  balance: '12.5',
  credit: '7.50',
  addresses: [{ city: 'Ulm' }],
  work: { city: 'Bonn' },
  id: 'https://example.com/',
  byName: [['home', { city: 'Ulm' }]],
  byType: [['work', { city: 'Rom' }]],
  _internal: 1,
  initials: 'A',
}

@Exclude()
class Vault {
  readonly secret = 1
}

describe('classes with decorators of class-transformer', () => {
  it('are said by their decorators, and the registered values in them by theirs', () => {
    expect(plain(new Person())).toStrictEqual(person)
  })

  it('are found in objects, arrays, Maps and Sets, and by the decorators of a parent', () => {
    expect(plain({ a: [new Map([['b', new Set([new Employee()])]])] })).toStrictEqual({
      a: [[['b', [{ ...person, wage: '1' }]]]],
    })
  })

  it('give a group what is exposed to it', () => {
    expect(plain([new Person()], { groups: ['admin'] })).toStrictEqual([{ ...person, email: 'a@example.com' }])
  })

  it('leave out the members with a prefix, as plain objects then do', () => {
    const { _internal, ...others } = person
    expect(plain({ person: new Person(), _id: 1, id: 2 }, { excludePrefixes: ['_'] })).toStrictEqual({
      person: others,
      id: 2,
    })
    expect(_internal).toBe(1)
  })

  it('take part in a strategy', () => {
    expect(plain({ hidden: new Hidden(), vault: new Vault() })).toStrictEqual({ hidden: { shown: '1.1' }, vault: {} })
    const foreign: unknown = runInNewContext('({ open: 1 })')
    expect(plain({ bare: new Bare(), foreign }, { strategy: 'excludeAll' })).toStrictEqual({
      bare: {},
      foreign: { open: 1 },
    })
  })

  it('are named for plain objects by the type of a route', () => {
    expect(plain([{ password: 'secret', email: 'e', balance: new Decimal(1) }], { type: Person })).toStrictEqual([
      { balance: '1', initials: 'A' },
    ])
  })

  it('get the name of a class into the items of a list', () => {
    class Album {
      @Type(() => Address, { discriminator: { property: 'kind', subTypes: [{ value: Address, name: 'address' }] } })
      readonly items = [new Address()]
    }
    expect(plain(new Album())).toStrictEqual({ items: [{ city: 'Ulm', kind: 'address' }] })
    expect(instanceToPlain(new Album())).toStrictEqual({ items: [{ city: 'Ulm', kind: 'address' }] })
  })

  it('are their own members where class-transformer is not installed', () => {
    expect(plainWithoutTransformer(new Address())).toStrictEqual({ door: 'secret', city: 'Ulm' })
  })

  it('still refuse cycles', () => {
    class Node {
      @Exclude() readonly secret = 1
      next?: unknown
    }
    const node = new Node()
    node.next = { node }
    expect(() => plain({ node })).toThrow('response.node.next.node: an instance of Node that holds itself')
    node.next = node
    expect(() => plain(node, { enableCircularCheck: true })).toThrow('response.next: an instance of Node')
  })
})
