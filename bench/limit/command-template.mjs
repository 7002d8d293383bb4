import { randomBytes } from 'node:crypto'

const OPERATION = /^[0-9a-f]{32}$/
const KNOWN = /^\d+-[0-9a-f]{12} \d+ \d+$/
const TIME = /^\d{13}$/
/** How long the module gives a write: its default deadline. */
const DEADLINE = 2_000
const AN_HOUR = 3_600_000

/** What each argument of a command that was recorded is when it is sent for another session, time and content. */
const slotOf = (arg, key, contents) => {
  if (arg === key) return { kind: 'key' }
  if (OPERATION.test(arg)) return { kind: 'operation' }
  if (KNOWN.test(arg)) return { kind: 'known' }
  if (TIME.test(arg) && Math.abs(Number(arg) - Date.now()) < AN_HOUR) return { kind: 'until' }
  const place = contents.findIndex((content) => arg.includes(content))
  if (place === -1) return { kind: 'same', arg }
  const [before, after] = arg.split(contents[place])
  return { kind: 'content', place, before, after }
}

/**
 * Makes commands like one that was recorded. The arguments that tell sessions, operations and moments apart are new; all others
 * are those of the module.
 *
 * @param {readonly string[]} command
 * @param {string} key of the session it was recorded for
 * @param {readonly string[]} contents of the messages it carries
 */
export const templateOf = (command, key, contents) => {
  const slots = command.map((arg) => slotOf(arg, key, contents))
  /** @param session its `key`, and what was `known` of it last @param messages */
  return (session, messages) =>
    slots.map((slot) => {
      switch (slot.kind) {
        case 'key':
          return session.key
        case 'operation':
          return randomBytes(16).toString('hex')
        case 'known':
          return session.known
        case 'until':
          return String(Date.now() + DEADLINE)
        case 'content':
          return slot.before + messages[slot.place].content + slot.after
        default:
          return slot.arg
      }
    })
}

/** What a script answered about its session, as the module tells the next one. @param {readonly unknown[]} reply */
export const knownBy = (reply) => {
  const [created, expires] = String(reply[2]).split(' ')
  return `${String(reply[1])} ${created} ${expires}`
}
