import type { RegisteredType, Types } from '../../../../lib/serialization/types/registered-type.interface.js'

export class Money {
  constructor(
    readonly amount: bigint,
    readonly currency: string,
  ) {}
}

/** Holds anything, itself too. */
export class Box {
  content: unknown
}

export class OutOfStock extends RangeError {
  override name = 'OutOfStock'
}

/** Refuses what was written. */
export class Moody {
  readonly mood = 'bad'
}

const asBox = (content: unknown): Box => Object.assign(new Box(), { content })

const REGISTERED: readonly RegisteredType[] = [
  {
    type: Money,
    name: 'Money',
    version: 2,
    serialize: (value) => [(value as Money).amount, (value as Money).currency],
    deserialize: (data) => new Money(...(data as [bigint, string])),
    toJson: String,
  },
  {
    type: Box,
    name: 'Box',
    version: 1,
    serialize: (value) => (value as Box).content,
    deserialize: asBox,
    toJson: String,
  },
  {
    type: OutOfStock,
    name: 'OutOfStock',
    version: 1,
    serialize: (value) => (value as OutOfStock).message,
    deserialize: (data) => new OutOfStock(String(data)),
    toJson: String,
  },
  {
    type: Moody,
    name: 'Moody',
    version: 1,
    serialize: () => null,
    deserialize: () => {
      throw new TypeError('a secret')
    },
    toJson: String,
  },
]

/** A registry of a few classes, as small as can be. */
export const someTypes: Types = {
  of: (value) => REGISTERED.find(({ type }) => type.prototype === Object.getPrototypeOf(value)),
  named: (name) => REGISTERED.find((registered) => registered.name === name),
}
