import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { valueKind } from '../../errors/value-kind.js'
import { delayOf } from '../../options/checked-units.js'
import { parseDeadline } from '../../options/duration.js'
import { validateOptions, type Rule } from '../../session/validation/validate-call.js'
import type { AgentMemoryHealthOptions } from './agent-memory-health.interface.js'

const DEFAULT_CACHE = 1_000

const problemOf: Rule = (value) => {
  const parsed = parseDeadline(value)
  return 'problem' in parsed ? parsed.problem : undefined
}

const RULES = {
  timeout: problemOf,
  cacheFor: (value: unknown) => {
    const problem = value === 0 ? undefined : problemOf(value)
    return problem === undefined ? undefined : `${problem}; or 0 for no cache`
  },
}

/** In ms. */
export interface ResolvedHealthOptions {
  /** `undefined` for all the time that a call has. */
  readonly timeout: number | undefined
  readonly cacheFor: number
}

/** @throws MemoryInvalidError */
export const resolveHealthOptions = (options: AgentMemoryHealthOptions | undefined): ResolvedHealthOptions => {
  validateOptions(options, 'options', RULES)
  const { timeout, cacheFor } = options ?? {}
  return {
    timeout: timeout === undefined ? undefined : delayOf(timeout),
    cacheFor: cacheFor === undefined ? DEFAULT_CACHE : cacheFor === 0 ? 0 : delayOf(cacheFor),
  }
}

/** The name under which a result stands. @throws MemoryInvalidError */
export const validateHealthKey = (key: unknown): void => {
  if (typeof key === 'string' && key !== '') return
  throw new MemoryInvalidError({ path: 'key', given: valueKind(key), allowed: 'a string of at least 1 character' })
}
