import type { Breach, StateRules } from './state-rules.interface.js'
import { kindOf } from './value-at.js'

type Values = ReadonlyMap<string, unknown>

const part = (values: Values, from: number, to?: number): Values => new Map([...values].slice(from, to))

const answers = async (rules: StateRules): Promise<boolean> => {
  try {
    await rules.breaches(new Map())
    return true
  } catch {
    return false
  }
}

/** Halves the fields until those on which the rules throw stand alone. */
const narrowed = async (rules: StateRules, values: Values): Promise<readonly Breach[]> => {
  try {
    return await rules.breaches(values)
  } catch (error) {
    if (values.size <= 1) return thrownOn(values, error)
    const half = Math.ceil(values.size / 2)
    return [...(await narrowed(rules, part(values, 0, half))), ...(await narrowed(rules, part(values, half)))]
  }
}

const thrownOn = (values: Values, error: unknown): Breach[] =>
  [...values.keys()].map((field) => ({ steps: [field], rules: [], message: '', thrown: kindOf(error) }))

/**
 * What breaks the rules, also when they throw: then the fields they throw on are named, so that these do not hide the
 * others. Rules that throw on no values at all throw on every field.
 */
export const attributedBreaches = async (rules: StateRules, values: Values): Promise<readonly Breach[]> => {
  try {
    return await rules.breaches(values)
  } catch (error) {
    return (await answers(rules)) ? narrowed(rules, values) : thrownOn(values, error)
  }
}
