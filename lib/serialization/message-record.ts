import type { Message, MessageContent, MessageInput, MessageRole, ProviderOptions } from '../model/message.interface.js'
import { DecodeError, formatPath, type PathStep } from './codec.errors.js'
import type { Codec } from './codec.interface.js'
import type { RecordCodec } from './record-codec.js'
import { withPath } from './record-error.js'
import type { RecordParts } from './record-payload.js'

/**
 * A message as it stands in Redis: `1u12 1732260000123 9f86d081884c7d65.1 ["Hello",{"lang":"en"}]`
 *
 * A readable header (format, role, tokens; time; operation, and the place in it), so that the server can choose a window
 * without touching the payload; then the payload, a tuple, because keys would cost more bytes than the header.
 */
const FORMAT = '1'
const RECORD = /^(\d{1,4})([suat])(\d+) (-?\d+) ([0-9a-f]{16}(?:\.\d+)?) /

const ROLE_CODES: Record<MessageRole, string> = { system: 's', user: 'u', assistant: 'a', tool: 't' }
const ROLES: Record<string, MessageRole> = { s: 'system', u: 'user', a: 'assistant', t: 'tool' }
/** What the places of the payload hold. */
const PLACES = ['content', 'metadata', 'id', 'providerOptions'] as const

export const messageField = (seq: number): string => `m:${seq}`

/** A message on its way to Redis. */
export interface EncodedMessage {
  /** `1u12`, or `1u12 <time>` when the caller gave one; the script puts the server's time otherwise. */
  readonly head: string
  /** Role and tokens, as in the head. */
  readonly kind: string
  readonly text: string
  /** What the caller gave, as one text for equal messages. */
  readonly canonical: string
}

const payloadTuple = (message: MessageInput<unknown>): unknown[] => {
  if (message.providerOptions !== undefined) {
    return [message.content, message.metadata ?? null, message.id ?? null, message.providerOptions]
  }
  if (message.id !== undefined) return [message.content, message.metadata ?? null, message.id]
  return message.metadata === undefined ? [message.content] : [message.content, message.metadata]
}

/**
 * @param countTokens is asked once the message is known to be a value
 * @throws MemorySerializationError with the path below `path`
 */
export const encodeMessage = (
  codec: Codec,
  message: MessageInput<unknown>,
  countTokens: () => number,
  path: string,
): EncodedMessage => {
  const tuple = payloadTuple(message)
  const pathOf = ([place, ...steps]: readonly PathStep[]): string =>
    formatPath(path, [PLACES[Number(place)] ?? '', ...steps])
  const text = withPath(() => codec.encode(tuple), pathOf)
  const time = message.createdAt === undefined ? '' : ` ${message.createdAt.getTime()}`
  const role = ROLE_CODES[message.role]
  const kind = `${role}${countTokens()}`
  // A text alone has no keys that could stand in another order.
  const sorted =
    typeof message.content === 'string' && tuple.length === 1 ? text : withPath(() => codec.canonical(tuple), pathOf)
  return { head: `${FORMAT}${kind}${time}`, kind, text, canonical: `${role}${time} ${sorted}` }
}

/** The payload of a message for its place. @param operation as the header will have it */
export const sealMessage = (
  records: RecordCodec,
  { text, kind }: Pick<EncodedMessage, 'text' | 'kind'>,
  seq: number,
  operation: string,
): string => records.seal(text, messageField(seq), `${kind} ${operation}`)

/** In ms; a Date holds no others. */
const isTime = (ms: number): boolean => Math.abs(ms) <= 8.64e15

/** @throws DecodeError */
const parse = (seq: number, record: string) => {
  const header = RECORD.exec(record)
  if (header === null) throw new DecodeError('not a message record')
  const [all, format, role, tokens, time, operation] = header
  if (format !== FORMAT) throw new DecodeError(`format ${format}, which this version does not know`)
  if (!isTime(Number(time))) throw new DecodeError('a time that there is not')
  return {
    parts: {
      field: messageField(seq),
      header: all,
      payload: record.slice(all.length),
      bound: `${role}${tokens} ${operation}`,
    },
    role: ROLES[role!]!,
    tokens: Number(tokens),
    time: Number(time),
    operation: operation!,
  }
}

/** @throws DecodeError */
export const messageParts = (seq: number, record: string): RecordParts => parse(seq, record).parts

/** When a message was written, as far as its record still says so. */
export const messageTime = (record: string): number | undefined => {
  const time = Number(RECORD.exec(record)?.[4])
  return isTime(time) ? time : undefined
}

/** A message read, with the tokens counted when it was written. */
export interface DecodedMessage<Metadata> {
  readonly message: Message<Metadata>
  readonly tokens: number
}

/** @throws DecodeError */
export const decodeMessage = <Metadata>(
  records: RecordCodec,
  seq: number,
  record: string,
): DecodedMessage<Metadata> => {
  const { parts, role, tokens, time, operation } = parse(seq, record)
  const tuple = records.decode(parts.payload, parts.field, parts.bound)
  if (!Array.isArray(tuple) || (typeof tuple[0] !== 'string' && !Array.isArray(tuple[0]))) {
    throw new DecodeError('a payload without content')
  }
  const [content, metadata, id, providerOptions] = tuple as [
    MessageContent,
    Metadata | null | undefined,
    string | null | undefined,
    ProviderOptions | undefined,
  ]
  return {
    tokens,
    message: {
      id: id ?? operation,
      seq,
      role,
      content,
      createdAt: new Date(time),
      ...(metadata !== undefined && metadata !== null && { metadata }),
      ...(providerOptions !== undefined && { providerOptions }),
    },
  }
}
