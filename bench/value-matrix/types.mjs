import { Decimal } from 'decimal.js'
import { Account, Money, QuotaError } from './classes.mjs'

const ownProperties = (Class) => ({
  Class,
  write: (value) => ({ ...value }),
  read: (data) => Object.assign(Object.create(Class.prototype), data),
})

/** How the classes are made known to codecs that take any form: each by what a user would write. */
export const CUSTOM = [
  { Class: Decimal, write: (value) => value.toJSON(), read: (data) => new Decimal(data) },
  ownProperties(Money),
  { Class: Account, write: (value) => value.balance, read: (data) => new Account(data) },
  {
    Class: QuotaError,
    write: ({ limit, stack, cause }) => ({ limit, stack, cause }),
    read: ({ limit, stack, cause }) =>
      Object.defineProperty(new QuotaError(limit, { cause }), 'stack', { value: stack, enumerable: false }),
  },
]

/** The same for this module, as `serialization.types`. */
export const TYPES = [
  Decimal,
  Money,
  QuotaError,
  { type: Account, serialize: (value) => value.balance, deserialize: (data) => new Account(data) },
]
