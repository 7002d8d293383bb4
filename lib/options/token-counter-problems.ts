import type { Problem } from '../errors/problem.js'
import { valueKind } from '../errors/value-kind.js'
import { isClass } from './serialization/is-class.js'

const isName = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || typeof value === 'symbol' || isClass(value)

/** Whether it counts by itself, and does not name who does. */
export const isTokenCounter = (value: unknown): value is { count(text: string): number } =>
  typeof value === 'object' && value !== null && 'count' in value && typeof value.count === 'function'

/** What is wrong with `tokenCounter`. The provider it may name is not looked for here. */
export const tokenCounterProblems = (tokenCounter: unknown): Problem[] =>
  tokenCounter === undefined || isTokenCounter(tokenCounter) || isName(tokenCounter)
    ? []
    : [
        {
          path: 'tokenCounter',
          given: valueKind(tokenCounter),
          allowed: 'an object with a method count(text), or the class or token of a provider that is one',
        },
      ]
