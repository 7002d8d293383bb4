import { ValidateBy } from 'class-validator'
import { IfGiven } from '../decorators/if-given.decorator.js'
import { IsDeadline } from '../decorators/is-deadline.decorator.js'

/** More than fit into any deadline that a caller waits for. */
const MAX_ATTEMPTS = 20

const isAttempts = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_ATTEMPTS

const isShare = (value: unknown): boolean => typeof value === 'number' && value > 0 && value <= 1

/** The rules for `resilience.retry`. */
export class RetryOptionsSchema {
  @IfGiven()
  @ValidateBy({
    name: 'isAttempts',
    validator: {
      validate: isAttempts,
      defaultMessage: () => `a whole number from 0, which is none after the first, to ${MAX_ATTEMPTS}`,
    },
  })
  attempts?: unknown

  @IfGiven()
  @IsDeadline()
  minDelay?: unknown

  @IfGiven()
  @IsDeadline()
  maxDelay?: unknown

  @IfGiven()
  @ValidateBy({
    name: 'isShare',
    validator: {
      validate: isShare,
      defaultMessage: () =>
        'a number above 0 and at most 1: how many retries per call on average; for none, attempts: 0',
    },
  })
  budget?: unknown
}
