import { MemoryInvalidError } from '../errors/memory-invalid.error.js'
import type { MessagesOptions } from './agent-session.interface.js'
import type { WindowRequest } from './window-request.interface.js'

type Window = NonNullable<WindowRequest['messages']>

const SELECTORS = ['last', 'turns', 'maxTokens'] as const
const RANGE = ['after', 'before'] as const

/** Turns what the caller asks for into a window. @throws MemoryInvalidError for names that exclude each other */
export const windowOf = (options: MessagesOptions): Window => {
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
  const { last, limit, turns, maxTokens, after, before } = options
  return limit !== undefined && after !== undefined
    ? { from: 'oldest', most: limit, after, before }
    : newestOf({ most: last ?? limit, turns, tokens: maxTokens, after, before })
}

/**
 * The newest messages within limits. A window without any is the same from either end: from the oldest on, writes that trim the
 * session while it is read are ahead of it, and do not have it begin anew.
 */
export const newestOf = (limits: Omit<Window, 'from'>): Window => {
  const isLimited = limits.most !== undefined || limits.turns !== undefined || limits.tokens !== undefined
  return { from: isLimited ? 'newest' : 'oldest', ...limits }
}
