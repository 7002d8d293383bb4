import { MemoryType } from 'nestjs-agent-memory'
import { Decimal } from 'decimal.js'

/** An amount that is never rounded on its way. */
@MemoryType<Money>({
  name: 'Money',
  serialize: ({ amount, currency }) => [amount, currency],
  deserialize: ([amount, currency]: [Decimal, string]) => new Money(amount, currency),
  toJson: ({ amount, currency }) => `${amount.toFixed()} ${currency}`,
})
export class Money {
  constructor(
    readonly amount: Decimal,
    readonly currency: string,
  ) {}
}
