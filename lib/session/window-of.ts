import { MemoryInvalidError } from '../errors/memory-invalid.error.js'
import type { MessagesOptions } from './agent-session.interface.js'
import type { WindowRequest } from './window-request.interface.js'

const SELECTORS = ['last', 'turns', 'maxTokens'] as const
const RANGE = ['after', 'before'] as const

/** Turns what the caller asks for into a window. @throws MemoryInvalidError for names that exclude each other */
export const windowOf = (options: MessagesOptions): NonNullable<WindowRequest['messages']> => {
  const [selector, ...others] = SELECTORS.filter((name) => options[name] !== undefined)
  const range = RANGE.filter((name) => options[name] !== undefined)
  const clash = others[0] ?? (selector === undefined ? undefined : range[0])
  if (clash !== undefined) {
    throw new MemoryInvalidError({
      path: `options.${clash}`,
      given: `${clash} together with ${selector}`,
      allowed: `one of ${SELECTORS.join(', ')}, or ${RANGE.join(' and/or ')}`,
    })
  }
  if (options.limit !== undefined && range.length === 0) {
    throw new MemoryInvalidError({
      path: 'options.limit',
      given: `limit without ${RANGE.join(' or ')}`,
      allowed: 'last, for the newest messages; limit for a range',
    })
  }
  return {
    from: options.limit !== undefined && options.after !== undefined ? 'oldest' : 'newest',
    most: options.last ?? options.limit,
    turns: options.turns,
    tokens: options.maxTokens,
    after: options.after,
    before: options.before,
  }
}
