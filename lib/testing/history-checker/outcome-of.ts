import type { Outcome } from './write-history.js'

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** What an error says of the write behind it, by `executed`; an error without it leaves everything open. */
export const outcomeOf = (error: unknown): Outcome => {
  switch (property(error, 'executed')) {
    case 'yes':
      return 'acknowledged'
    case 'no':
      return 'refused'
    default:
      return 'unknown'
  }
}

/** Whether the write is kept on this machine for now, and not yet where others read. */
export const isJournaled = (result: unknown): boolean => property(result, 'stored') === 'journal'

/** Whether the answer says of itself that it may be old. */
export const isStale = (result: unknown): boolean => property(result, 'stale') === true
