import type { PathStep } from '../../serialization/codec.errors.js'

/** From a field on. Empty for what concerns several fields, or none. */
export type BreachPath = readonly [] | readonly [field: string, ...below: PathStep[]]

/** One place where values are not as a schema wants them. */
export interface Breach {
  readonly steps: BreachPath
  /** The names of the rules, as far as they have names. */
  readonly rules: readonly string[]
  /** What the schema says about it. The text is its author's and may repeat values. */
  readonly message: string
  /** The kind of what the schema threw instead of an answer. */
  readonly thrown?: string
}

/** What a library of schemas says about values. */
export interface StateRules {
  /** The fields there are; `undefined` when the schema does not tell them. */
  readonly fields: ReadonlySet<string> | undefined
  /**
   * Holds values of any of the fields against the rules, without changing them. What concerns fields that are not given
   * does not count. May reject with whatever the schema or a getter throws.
   */
  breaches(values: ReadonlyMap<string, unknown>): Promise<readonly Breach[]>
}
