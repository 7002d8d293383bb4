import type { Message, MessageInput } from '../model/message.interface.js'
import type { ScriptReply } from '../redis/run-script.js'
import type { Codec } from '../serialization/codec.interface.js'
import { DecodeError } from '../serialization/codec.errors.js'
import { decodeMessage } from '../serialization/message-record.js'
import type { AppendResult } from './agent-session.interface.js'
import type { Operation } from './operation.js'

/** The id that append.lua writes into the header of a message whose caller gave none. */
const derivedId = ({ code }: Operation, index: number): string =>
  `${code.slice(0, 16)}${index === 0 ? '' : `.${index}`}`

const messageOf = <Metadata>(
  { role, content, id, createdAt, metadata, providerOptions }: MessageInput<Metadata>,
  named: Operation,
  index: number,
  seq: number,
  now: number,
): Message<Metadata> => ({
  id: id ?? derivedId(named, index),
  seq,
  role,
  content,
  createdAt: createdAt ?? new Date(now),
  ...(metadata !== undefined && { metadata }),
  ...(providerOptions !== undefined && { providerOptions }),
})

/**
 * What an append answers: the messages as they stand. For a duplicate they are read from their records; where such a one was
 * trimmed meanwhile, the payload is the caller's, which is the same, and the time is that of its block of operations.
 */
export const readAppendReply = <Metadata>(
  codec: Codec,
  [status, version, first, now, ...rest]: ScriptReply,
  given: readonly MessageInput<Metadata>[],
  named: Operation,
): AppendResult<Metadata> => {
  const duplicate = status === 'DUPLICATE'
  const messages = given.map((message, index) => {
    const seq = Number(first) + index
    const record = duplicate ? rest[index] : undefined
    return (
      (typeof record === 'string' ? stored<Metadata>(codec, seq, record) : undefined) ??
      messageOf(message, named, index, seq, Number(now))
    )
  })
  return { stored: 'redis', messages, version: String(version), duplicate, trimmed: duplicate ? 0 : Number(rest[0]) }
}

const stored = <Metadata>(codec: Codec, seq: number, record: string): Message<Metadata> | undefined => {
  try {
    return decodeMessage<Metadata>(codec, seq, record).message
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}
