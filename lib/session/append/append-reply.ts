import type { Message, MessageInput } from '../../model/message.interface.js'
import type { ScriptReply } from '../../redis/run-script.js'
import type { RecordCodec } from '../../serialization/record-codec.js'
import { DecodeError } from '../../serialization/codec.errors.js'
import { decodeMessage } from '../../serialization/message-record.js'
import type { StoredAppend } from '../agent-session.interface.js'
import { operationOfMessage, type Operation } from '../operation.js'

const messageOf = <Metadata>(
  { role, content, id, createdAt, metadata, providerOptions }: MessageInput<Metadata>,
  named: Operation,
  index: number,
  seq: number,
  now: number,
): Message<Metadata> => ({
  id: id ?? operationOfMessage(named, index),
  seq,
  role,
  content,
  createdAt: createdAt ?? new Date(now),
  ...(metadata !== undefined && { metadata }),
  ...(providerOptions !== undefined && { providerOptions }),
})

/** Of a duplicate: the messages that stand yet. */
export const storedRecords = ([, , , first, , ...records]: ScriptReply): [seq: number, record: string][] =>
  records.flatMap((record, index) =>
    typeof record === 'string' ? [[Number(first) + index, record] as [number, string]] : [],
  )

/**
 * What an append answers: the messages as they stand. For a duplicate they are read from their records; where such a one was
 * trimmed meanwhile, the payload is the caller's, which is the same, and the time is that of its block of operations.
 */
export const readAppendReply = <Metadata>(
  codec: RecordCodec,
  reply: ScriptReply,
  given: readonly MessageInput<Metadata>[],
  named: Operation,
): StoredAppend<Metadata> => {
  const [status, version, , first, now, trimmed] = reply
  const duplicate = status === 'DUPLICATE'
  const records = new Map(duplicate ? storedRecords(reply) : [])
  const messages = given.map((message, index) => {
    const seq = Number(first) + index
    const record = records.get(seq)
    return (
      (record === undefined ? undefined : stored<Metadata>(codec, seq, record)) ??
      messageOf(message, named, index, seq, Number(now))
    )
  })
  return { stored: 'redis', messages, version: String(version), duplicate, trimmed: duplicate ? 0 : Number(trimmed) }
}

const stored = <Metadata>(codec: RecordCodec, seq: number, record: string): Message<Metadata> | undefined => {
  try {
    return decodeMessage<Metadata>(codec, seq, record).message
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}
