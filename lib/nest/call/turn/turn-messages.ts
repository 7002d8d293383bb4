import { MemoryConfigError } from '../../../errors/memory-config.error.js'
import { MemoryInvalidError } from '../../../errors/memory-invalid.error.js'
import { MemorySerializationError } from '../../../errors/memory-serialization.error.js'
import { valueKind } from '../../../errors/value-kind.js'
import type { MessageContent, MessageInput } from '../../../model/message.interface.js'
import { validateMessages } from '../../../session/validation/validate-message.js'
import type { RememberTurnOptions } from '../call-options.interface.js'
import type { Answer } from './answer.js'

const isMessage = (value: unknown): value is MessageInput =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, 'role')

const saidAs = (said: unknown): unknown => {
  if (isMessage(said)) return said
  const isContent = (typeof said === 'string' && said !== '') || (Array.isArray(said) && said.length > 0)
  return isContent ? { role: 'user', content: said as MessageContent } : undefined
}

/**
 * Before anything is run for it. Who calls has a say in what the user said, and in no other role.
 *
 * @throws MemoryInvalidError when the user said nothing, or what cannot be a message of a user
 */
export const userMessage = (said: unknown, path: string): MessageInput => {
  const message = saidAs(said)
  if (message === undefined) {
    const allowed = 'what the user says, as a text or parts of a content'
    throw new MemoryInvalidError({ path, given: valueKind(said), allowed })
  }
  const [valid] = validateMessages(message) as readonly [MessageInput]
  if (valid.role === 'user') return valid
  throw new MemoryInvalidError({ path: `${path}.role`, given: 'another role', allowed: "'user'" })
}

export type Mark = 'interrupted' | 'failed'

export const marked = (message: MessageInput, mark: Mark): MessageInput => ({
  ...message,
  metadata: { ...message.metadata, [mark]: true },
})

const unsayable = (given: string, allowed: string, cause?: unknown): MemoryConfigError =>
  new MemoryConfigError({ path: '@RememberTurn.assistant', given, allowed }, { cause })

/** What the application made of an answer is no fault of its caller. */
const madeMessages = (made: unknown): readonly MessageInput[] => {
  if (made === '' || (Array.isArray(made) && made.length === 0)) return []
  const messages = typeof made === 'string' ? { role: 'assistant', content: made } : made
  try {
    return validateMessages(messages)
  } catch (error) {
    if (!(error instanceof MemoryInvalidError)) throw error
    throw unsayable(`what makes ${valueKind(made)}`, 'a function that makes a text, a message or messages', error)
  }
}

/** The same for what shows only when it is kept. */
export const blamingAssistant = async <T>(kept: Promise<T>): Promise<T> => {
  try {
    return await kept
  } catch (error) {
    if (!(error instanceof MemorySerializationError)) throw error
    throw unsayable('what makes a message that cannot be kept', 'values that can be kept; the cause says where', error)
  }
}

const textMessages = (answer: Answer, text: string, value: unknown): readonly MessageInput[] => {
  if (text === '' && !answer.isAllText) {
    const allowed = "a function that makes the assistant's message of the answer, as ({ value }) => value.reply"
    throw unsayable(`nothing, and an answer without text (${valueKind(value)})`, allowed)
  }
  return madeMessages(text)
}

/** The turn of an answer. @throws MemoryConfigError for an answer that no message can be made of */
export const turnMessages = (
  user: MessageInput,
  answer: Answer,
  interrupted: boolean,
  assistant: RememberTurnOptions['assistant'],
): readonly MessageInput[] => {
  const remembered = answer.remembered(interrupted)
  const answered =
    assistant === undefined
      ? textMessages(answer, remembered.text, remembered.value)
      : madeMessages(assistant(remembered))
  if (!interrupted) return [user, ...answered]
  const last = answered.at(-1)
  return last === undefined
    ? [marked(user, 'interrupted')]
    : [user, ...answered.slice(0, -1), marked(last, 'interrupted')]
}
