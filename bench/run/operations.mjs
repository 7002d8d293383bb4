import { messageOf, messagesOf, windowOf } from '../corpus.mjs'

/** How many messages a window has. */
export const WINDOW = 20

/**
 * What a row calls, by the name of the operation.
 *
 * - `adds`: how many messages a call makes the conversation longer
 * - `call`: `count` is how many messages the session has
 * - `expected`: what a call answers that found the session with `count` messages, where the answer is judged
 */
export const OPERATIONS = {
  append: { adds: 1, call: (memory, id, count) => memory.append(id, messageOf(count)) },
  turn: {
    adds: 2,
    call: (memory, id, count) => memory.turn(id, messagesOf(count, count + 2), WINDOW),
    expected: (count) => windowOf(count + 2, WINDOW),
  },
  'turn-awaited': {
    adds: 2,
    call: (memory, id, count) => memory.turnAwaited(id, messagesOf(count, count + 2), WINDOW),
    expected: (count) => windowOf(count + 2, WINDOW),
  },
  'last-20': {
    adds: 0,
    call: (memory, id) => memory.last(id, WINDOW),
    expected: (count) => windowOf(count, WINDOW),
  },
  context: {
    adds: 0,
    call: (memory, id) => memory.context(id, WINDOW),
    expected: (count) => windowOf(count, WINDOW),
  },
  'state-patch': { adds: 0, call: (memory, id, _count, call) => memory.patch(id, call), patches: true },
}
