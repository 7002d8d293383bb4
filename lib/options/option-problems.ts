import type { Problem } from '../errors/problem.js'
import { valueKind } from '../errors/value-kind.js'
import { connectionProblems } from './connection/connection-problems.js'
import { givenOption } from './given.js'
import { isOptionsObject } from './is-options-object.js'
import { nameProblems } from './name-problems.js'
import { DURABILITY_NAMES, ROOT_NAMES, SESSION_NAMES, SUMMARY_NAMES } from './option-names.js'
import { resilienceProblems } from './resilience/resilience-problems.js'
import { DurabilityOptionsSchema } from './schemas/durability-options.schema.js'
import { RootOptionsSchema } from './schemas/root-options.schema.js'
import { SessionOptionsSchema } from './schemas/session-options.schema.js'
import { SummaryOptionsSchema } from './schemas/summary-options.schema.js'
import { sectionProblems } from './section-problems.js'
import { serializationProblems } from './serialization/serialization-problems.js'
import { sessionLimitProblems } from './session-limits.js'
import { stateProblems } from './state-problems.js'
import { tokenCounterProblems } from './token-counter-problems.js'
import { valueProblems } from './value-problems.js'

type Options = Readonly<Record<string, unknown>>

const noOptions = (options: unknown): Problem => ({
  path: 'options',
  given: valueKind(options),
  allowed:
    "an object of options, at the least { connection: { url: 'redis://…' } }" +
    (options === undefined ? '; a factory has to return it' : ''),
})

const sessionProblems = (session: unknown): Problem[] => [
  ...sectionProblems('session', session, SESSION_NAMES, SessionOptionsSchema),
  ...(isOptionsObject(session) ? sessionLimitProblems(session) : []),
]

const rootNameProblems = ({ isGlobal, ...options }: Options): Problem[] => [
  ...nameProblems('', options, ROOT_NAMES),
  ...(isGlobal === undefined
    ? []
    : [
        {
          path: 'isGlobal',
          given: givenOption(isGlobal),
          allowed: 'nothing here: it says how the module is registered, so it stands beside useFactory or useClass',
        },
      ]),
]

/** Everything that is wrong with the options, in the order of their sections. */
export function optionProblems(options: unknown): Problem[] {
  if (!isOptionsObject(options)) return [noOptions(options)]
  return [
    ...rootNameProblems(options),
    ...connectionProblems(options.connection),
    ...valueProblems('', options, ['connectOnBoot', 'namespace', 'requireNoEviction'], RootOptionsSchema),
    ...sessionProblems(options.session),
    ...sectionProblems('summary', options.summary, SUMMARY_NAMES, SummaryOptionsSchema),
    ...stateProblems(options.state),
    ...tokenCounterProblems(options.tokenCounter),
    ...serializationProblems(options.serialization),
    ...resilienceProblems(options.resilience),
    ...sectionProblems('durability', options.durability, DURABILITY_NAMES, DurabilityOptionsSchema),
  ]
}
