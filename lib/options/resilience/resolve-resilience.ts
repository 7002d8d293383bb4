import { bytesOf, delayOf, msOf } from '../checked-units.js'
import { DEFAULT_OPTIONS } from '../defaults.js'
import type {
  BreakerOptions,
  HealingOptions,
  JournalOptions,
  ResilienceOptions,
  RetryOptions,
} from '../resilience-options.interface.js'
import type { ResolvedJournal, ResolvedResilience } from '../resolved-options.interface.js'

const DEFAULTS = DEFAULT_OPTIONS.resilience

/** Of the two delays, the one that is given by default gives way to the one the application wrote. */
const resolveRetry = ({ attempts, minDelay, maxDelay, budget }: RetryOptions): ResolvedResilience['retry'] => {
  const least = delayOf(minDelay ?? DEFAULTS.retry.minDelay)
  const most = delayOf(maxDelay ?? DEFAULTS.retry.maxDelay)
  return {
    attempts: attempts ?? DEFAULTS.retry.attempts,
    minDelay: minDelay === undefined ? Math.min(least, most) : least,
    maxDelay: maxDelay === undefined ? Math.max(least, most) : most,
    budget: budget ?? DEFAULTS.retry.budget,
  }
}

const resolveBreaker = ({ failures, openFor }: BreakerOptions): ResolvedResilience['breaker'] => ({
  failures: failures ?? DEFAULTS.breaker.failures,
  openFor: delayOf(openFor ?? DEFAULTS.breaker.openFor),
})

const resolveJournal = ({ directory, maxBytes, maxAge }: JournalOptions): ResolvedJournal => ({
  directory,
  maxBytes: bytesOf(maxBytes ?? DEFAULTS.journal.maxBytes),
  maxAge: msOf(maxAge ?? DEFAULTS.journal.maxAge),
})

const resolveHealing = ({ maxBytes, maxAge }: HealingOptions): ResolvedResilience['healing'] => ({
  maxBytes: bytesOf(maxBytes ?? DEFAULTS.healing.maxBytes),
  maxAge: msOf(maxAge ?? DEFAULTS.healing.maxAge),
})

/** Fills in the defaults of options that stand checked by now. */
export const resolveResilience = ({
  deadline,
  retry = {},
  breaker = {},
  inFlight: { operations, bytes } = {},
  onOutage,
  journal,
  healing = {},
  onLoss,
}: ResilienceOptions = {}): ResolvedResilience => ({
  deadline: delayOf(deadline ?? DEFAULTS.deadline),
  retry: resolveRetry(retry),
  breaker: breaker === false ? undefined : resolveBreaker(breaker),
  inFlight: {
    operations: operations ?? DEFAULTS.inFlight.operations,
    bytes: bytesOf(bytes ?? DEFAULTS.inFlight.bytes),
  },
  onOutage: onOutage ?? DEFAULTS.onOutage,
  journal: journal && resolveJournal(journal),
  healing: healing === false ? undefined : resolveHealing(healing),
  onLoss: onLoss ?? DEFAULTS.onLoss,
})
