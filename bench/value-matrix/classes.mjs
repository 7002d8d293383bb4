// The classes of the matrix. The codecs know all of them but Unregistered.
export class Money {
  constructor(cents, currency) {
    this.cents = cents
    this.currency = currency
  }

  isFree() {
    return this.cents === 0
  }
}

/** With state that only its own methods see. */
export class Account {
  #balance

  constructor(balance) {
    this.#balance = balance
  }

  get balance() {
    return this.#balance
  }
}

export class QuotaError extends RangeError {
  constructor(limit, options) {
    super('over the limit', options)
    this.name = 'QuotaError'
    this.limit = limit
  }
}

export class Unregistered {
  price = 3

  isFree() {
    return this.price === 0
  }
}
