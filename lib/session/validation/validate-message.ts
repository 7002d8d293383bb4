import { types } from 'node:util'
import type { MessageInput } from '../../model/message.interface.js'
import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { valueKind } from '../../errors/value-kind.js'
import { unknownKeyProblem, unknownRoleProblem } from './validate-message-hints.js'
import { validateParts, validateProviderOptions } from './validate-message-parts.js'
import { isObject, isPlainObject } from './validate-plain-object.js'

const MAX_ID_LENGTH = 256
/** 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: outside of them, ISO texts no longer sort by time. */
const MIN_TIME = -62_167_219_200_000
const MAX_TIME = 253_402_300_799_999

const refuse = (path: string, value: unknown, allowed: string): never => {
  throw new MemoryInvalidError({ path, given: valueKind(value), allowed })
}

const isKnownKey = (key: string): boolean =>
  key === 'role' ||
  key === 'content' ||
  key === 'id' ||
  key === 'createdAt' ||
  key === 'metadata' ||
  key === 'providerOptions' ||
  key === 'seq'

const validateId = (id: unknown, index: number): void => {
  if (typeof id !== 'string' || id.length === 0 || id.length > MAX_ID_LENGTH) {
    refuse(`messages[${index}].id`, id, `a string of 1 to ${MAX_ID_LENGTH} characters`)
  } else if (!id.isWellFormed()) {
    throw new MemoryInvalidError({
      path: `messages[${index}].id`,
      given: 'a string with half a surrogate pair',
      allowed: `well-formed Unicode of 1 to ${MAX_ID_LENGTH} characters`,
    })
  }
}

const validateCreatedAt = (createdAt: unknown, index: number): void => {
  if (!types.isDate(createdAt)) return refuse(`messages[${index}].createdAt`, createdAt, 'a Date')
  const time = createdAt.getTime()
  if (time >= MIN_TIME && time <= MAX_TIME) return
  throw new MemoryInvalidError({
    path: `messages[${index}].createdAt`,
    given: Number.isNaN(time) ? 'an invalid Date' : 'a Date outside of these years',
    allowed: 'a Date of the years 0 to 9999',
  })
}

const validateMessage = (message: Record<string, unknown>, index: number): void => {
  const { role, content, id, createdAt, metadata, providerOptions } = message
  if (role !== 'user' && role !== 'assistant' && role !== 'tool' && role !== 'system') {
    throw new MemoryInvalidError(unknownRoleProblem(role, index))
  }
  for (const key in message) {
    if (!isKnownKey(key) && message[key] !== undefined) throw new MemoryInvalidError(unknownKeyProblem(key, index))
  }
  if (typeof content !== 'string') {
    if (Array.isArray(content)) validateParts(content, index)
    else refuse(`messages[${index}].content`, content, 'a string or an array of parts')
  }
  if (id !== undefined) validateId(id, index)
  if (createdAt !== undefined) validateCreatedAt(createdAt, index)
  if (metadata !== undefined && !isPlainObject(metadata)) {
    refuse(`messages[${index}].metadata`, metadata, 'a plain object')
  }
  if (providerOptions !== undefined) validateProviderOptions(providerOptions, `messages[${index}].providerOptions`)
}

function assertMessages(messages: readonly unknown[]): asserts messages is readonly MessageInput[] {
  if (messages.length === 0) refuse('messages', messages, 'one message, or an array of at least one')
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]
    if (isObject(message)) validateMessage(message, index)
    else refuse(`messages[${index}]`, message, 'a message: { role, content }')
  }
}

/**
 * Checks the shape of what a caller appends: one message or an array of them. A message given alone is `messages[0]`
 * in errors. Keys that are `undefined` count as absent. What is inside of `metadata`, `providerOptions`, `input` and
 * `output` is for the codec to judge.
 *
 * @returns the caller's own objects, unchanged
 * @throws MemoryInvalidError for the first thing that is wrong
 */
export const validateMessages = (input: unknown): readonly MessageInput[] => {
  const messages: readonly unknown[] = Array.isArray(input) ? input : [input]
  assertMessages(messages)
  return messages
}
