import { describe, expect, it } from '@jest/globals'
import { Exclude, Transform, Type } from 'class-transformer'
import { Decimal } from 'decimal.js'
import { ClassRules } from '../../../lib/nest/class-transformer/class-rules.js'
import { loadClassTransformer } from '../../../lib/nest/class-transformer/load-class-transformer.js'
import { mayBeExact } from '../../../lib/nest/exact/may-be-exact.js'
import { createTypes } from '../../../lib/serialization/types/create-types.js'

class Account {
  @Exclude() readonly secret = 1
}

@Exclude()
class Vault {
  readonly secret = 1
}

class Masked {
  @Transform(() => '***') readonly secret = 1
}

class Holder {
  constructor(readonly held: unknown) {}
}

class Line {
  @Type(() => Date) readonly at = new Date(0)
}

const transformer = loadClassTransformer()
const rules = transformer && new ClassRules(transformer)
const types = createTypes([Decimal, Account, Vault, Masked, Holder, Line])
const may = (value: unknown): boolean => mayBeExact(value, rules, types)

describe('a value that may be said exactly', () => {
  it.each<[string, unknown]>([
    ['plain', { a: [1, null] }],
    ['rich', new Map([[new Decimal(1), new Set([new Date(0), Buffer.from('a')])]])],
    ['of a class with @Type alone', [new Line()]],
  ])('is %s', (_name, value) => {
    expect(may(value)).toBe(true)
    expect(mayBeExact(value, undefined, types)).toBe(true)
  })

  it.each<[string, unknown]>([
    ['in an object', { a: [new Account()] }],
    ['excluded as a whole', [new Vault()]],
    ['changed on the way out', [new Masked()]],
    ['as the key of a Map', new Map([[new Account(), 1]])],
    ['in a Set', new Set([new Account()])],
    ['in what stands for a registered class', [new Holder({ a: new Account() })]],
  ])('holds no class that hides something: %s', (_name, value) => {
    expect(may(value)).toBe(false)
  })

  it('holds no Error, for its stack', () => {
    expect(may({ error: new TypeError('no') })).toBe(false)
  })

  it('is looked through to its end, in cycles and down long chains too', () => {
    const cyclic: Record<string, unknown> = { account: undefined }
    cyclic['self'] = cyclic
    expect(may(cyclic)).toBe(true)
    let chain: Record<string, unknown> = { account: new Account() }
    for (let link = 0; link < 10_000; link++) chain = { next: chain }
    expect(may(chain)).toBe(false)
  })

  it('is no endless one', () => {
    class Endless {
      readonly endless = true
    }
    const endless = createTypes([{ type: Endless, serialize: () => new Endless(), deserialize: () => new Endless() }])
    expect(mayBeExact(new Endless(), rules, endless)).toBe(false)
  })
})
