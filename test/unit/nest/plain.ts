import type { SerializeOptions } from '@nestjs/common'
import { Decimal } from 'decimal.js'
import { loadClassTransformer } from '../../../lib/nest/class-transformer/load-class-transformer.js'
import { PlainForm } from '../../../lib/nest/plain-json/plain-form.js'
import { createTypes } from '../../../lib/serialization/types/create-types.js'

type Options = Exclude<Parameters<typeof SerializeOptions>[0], { schema?: unknown }>

export class Money {
  constructor(
    readonly amount: Decimal,
    readonly currency: string,
  ) {}
}

export const types = createTypes([
  Decimal,
  {
    type: Money,
    serialize: (money: Money) => [money.amount, money.currency],
    deserialize: ([amount, currency]: [Decimal, string]) => new Money(amount, currency),
    toJson: ({ amount, currency }: Money) => ({ amount, currency }),
  },
])

/** Plain JSON, by what `@SerializeOptions` would say at the route. */
export const plain = (value: unknown, options?: Options): unknown =>
  new PlainForm(types, loadClassTransformer(), options).of(value)

/** The same where class-transformer is not installed. */
export const plainWithoutTransformer = (value: unknown): unknown => new PlainForm(types, undefined).of(value)
