import type { Problem } from '../errors/problem.js'
import { DEFAULT_OPTIONS } from './defaults.js'
import { parseDuration } from './duration.js'
import { givenOption } from './given.js'
import { parseSize } from './size.js'

type Options = Readonly<Record<string, unknown>>

const msOf = (value: unknown): number => {
  const parsed = parseDuration(value)
  return 'ms' in parsed ? parsed.ms : Number.NaN
}

const bytesOf = (value: unknown): number => {
  const parsed = parseSize(value)
  return 'bytes' in parsed ? parsed.bytes : Number.NaN
}

/** The largest value that Redis keeps under one name. */
const MAX_VALUE = '512mb'

const ttlProblems = ({ ttl, maxAge }: Options): Problem[] => {
  if (ttl === undefined || maxAge === undefined || !(msOf(ttl) > msOf(maxAge))) return []
  const allowed = `at most session.maxAge, which is ${givenOption(maxAge)}: no session outlives it`
  return [{ path: 'session.ttl', given: givenOption(ttl), allowed }]
}

const messageProblems = ({ maxMessageBytes, maxBytes }: Options): Problem[] => {
  if (maxMessageBytes === undefined) return []
  const problem = (allowed: string): Problem[] => [
    { path: 'session.maxMessageBytes', given: givenOption(maxMessageBytes), allowed },
  ]
  const given = bytesOf(maxMessageBytes)
  if (given > bytesOf(MAX_VALUE)) return problem(`at most '${MAX_VALUE}', the largest value Redis keeps`)
  if (!(given > bytesOf(maxBytes ?? DEFAULT_OPTIONS.session.maxBytes))) return []
  const limit = maxBytes === undefined ? `'${DEFAULT_OPTIONS.session.maxBytes}' unless set` : givenOption(maxBytes)
  return problem(`at most session.maxBytes, which is ${limit}: a message has to fit into its session`)
}

/**
 * Limits that contradict each other. Only what the application wrote itself is refused: a default gives way to it.
 * A value that is wrong by itself is no matter here.
 */
export const sessionLimitProblems = (session: Options): Problem[] => [
  ...ttlProblems(session),
  ...messageProblems(session),
]
