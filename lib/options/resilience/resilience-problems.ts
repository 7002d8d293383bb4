import type { Problem } from '../../errors/problem.js'
import { parseDeadline } from '../duration.js'
import { givenOption } from '../given.js'
import { isOptionsObject } from '../is-options-object.js'
import { nameProblems } from '../name-problems.js'
import {
  BREAKER_NAMES,
  HEALING_NAMES,
  IN_FLIGHT_NAMES,
  JOURNAL_NAMES,
  RESILIENCE_NAMES,
  RETRY_NAMES,
} from '../option-names.js'
import { BreakerOptionsSchema } from '../schemas/breaker-options.schema.js'
import { HealingOptionsSchema } from '../schemas/healing-options.schema.js'
import { InFlightOptionsSchema } from '../schemas/in-flight-options.schema.js'
import { JournalOptionsSchema } from '../schemas/journal-options.schema.js'
import { ResilienceOptionsSchema } from '../schemas/resilience-options.schema.js'
import { RetryOptionsSchema } from '../schemas/retry-options.schema.js'
import { sectionProblems } from '../section-problems.js'
import { valueProblems } from '../value-problems.js'

type Options = Readonly<Record<string, unknown>>

const SECTION = 'resilience'
const RETRY = `${SECTION}.retry`
const BREAKER = `${SECTION}.breaker`
const JOURNAL = `${SECTION}.journal`
const HEALING = `${SECTION}.healing`
/** The options of the section that are values, and no sections of their own. */
const VALUES = ['deadline', 'onOutage', 'onLoss']

const msOf = (value: unknown): number => {
  const parsed = parseDeadline(value)
  return 'ms' in parsed ? parsed.ms : Number.NaN
}

/** Delays that contradict each other. Only what the application wrote itself is refused: a default gives way to it. */
const delayProblems = ({ minDelay, maxDelay }: Options): Problem[] => {
  if (minDelay === undefined || maxDelay === undefined || !(msOf(minDelay) > msOf(maxDelay))) return []
  const allowed = `at most ${RETRY}.maxDelay, which is ${givenOption(maxDelay)}`
  return [{ path: `${RETRY}.minDelay`, given: givenOption(minDelay), allowed }]
}

const retryProblems = (retry: unknown): Problem[] => [
  ...sectionProblems(RETRY, retry, RETRY_NAMES, RetryOptionsSchema),
  ...(isOptionsObject(retry) ? delayProblems(retry) : []),
]

const breakerProblems = (breaker: unknown): Problem[] =>
  breaker === false ? [] : sectionProblems(BREAKER, breaker, BREAKER_NAMES, BreakerOptionsSchema, 'false or ')

const healingProblems = (healing: unknown): Problem[] =>
  healing === false ? [] : sectionProblems(HEALING, healing, HEALING_NAMES, HealingOptionsSchema, 'false or ')

/** A journal that is wanted and has no place, or that nothing would ever be written to. */
const journalProblems = ({ onOutage, journal }: Options): Problem[] => {
  if (onOutage === 'journal' && journal === undefined) {
    const allowed = `an object of ${JOURNAL_NAMES.known.join(', ')}, as ${SECTION}.onOutage is 'journal'`
    return [{ path: JOURNAL, given: 'nothing', allowed }]
  }
  if ((onOutage === undefined || onOutage === 'throw' || onOutage === 'stale') && journal !== undefined) {
    const allowed = `nothing unless ${SECTION}.onOutage is 'journal': nothing would ever be written to it`
    return [{ path: JOURNAL, given: givenOption(journal), allowed }]
  }
  return sectionProblems(JOURNAL, journal, JOURNAL_NAMES, JournalOptionsSchema)
}

/** What is wrong with `resilience`. */
export function resilienceProblems(resilience: unknown): Problem[] {
  if (!isOptionsObject(resilience)) {
    return sectionProblems(SECTION, resilience, RESILIENCE_NAMES, ResilienceOptionsSchema)
  }
  return [
    ...nameProblems(SECTION, resilience, RESILIENCE_NAMES),
    ...valueProblems(SECTION, resilience, VALUES, ResilienceOptionsSchema),
    ...retryProblems(resilience.retry),
    ...breakerProblems(resilience.breaker),
    ...sectionProblems(`${SECTION}.inFlight`, resilience.inFlight, IN_FLIGHT_NAMES, InFlightOptionsSchema),
    ...journalProblems(resilience),
    ...healingProblems(resilience.healing),
  ]
}
