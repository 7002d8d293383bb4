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
const RECORD = /^1[suat]\d+ -?\d+ [0-9a-f]{16}(?:\.\d+)? /
/** Of any format, with its number and the time. */
const ANY_RECORD = /^(\d{1,4})[suat]\d+ (-?\d+) [0-9a-f]{16}(?:\.\d+)? /

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

/** Where a header ends, and the words in it. */
interface Header {
  /** Role and tokens. */
  readonly kind: string
  /** In ms. */
  readonly time: number
  readonly operation: string
  readonly end: number
}

/** By the places of the spaces, which makes less than the groups of a regular expression: every message read comes by here. */
const parse = (record: string): Header => {
  if (!RECORD.test(record)) {
    const format = ANY_RECORD.exec(record)?.[1]
    const reason = format === undefined ? 'not a message record' : `format ${format}, which this version does not know`
    throw new DecodeError(reason)
  }
  const kindEnd = record.indexOf(' ')
  const timeEnd = record.indexOf(' ', kindEnd + 1)
  const operationEnd = record.indexOf(' ', timeEnd + 1)
  const time = Number(record.slice(kindEnd + 1, timeEnd))
  if (!isTime(time)) throw new DecodeError('a time that there is not')
  return {
    kind: record.slice(FORMAT.length, kindEnd),
    time,
    operation: record.slice(timeEnd + 1, operationEnd),
    end: operationEnd + 1,
  }
}

const boundOf = ({ kind, operation }: Header): string => `${kind} ${operation}`

/** @throws DecodeError */
export const messageParts = (seq: number, record: string): RecordParts => {
  const header = parse(record)
  return {
    field: messageField(seq),
    header: record.slice(0, header.end),
    payload: record.slice(header.end),
    bound: boundOf(header),
  }
}

/** When a message was written, as far as its record still says so. */
export const messageTime = (record: string): number | undefined => {
  const time = Number(ANY_RECORD.exec(record)?.[2])
  return isTime(time) ? time : undefined
}

/** A message read, with the tokens counted when it was written. */
export interface DecodedMessage<Metadata> {
  readonly message: Message<Metadata>
  readonly tokens: number
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** @throws DecodeError */
export const decodeMessage = <Metadata>(
  records: RecordCodec,
  seq: number,
  record: string,
): DecodedMessage<Metadata> => {
  const header = parse(record)
  const tuple = records.decode(record.slice(header.end), messageField(seq), boundOf(header))
  if (!Array.isArray(tuple) || (typeof tuple[0] !== 'string' && !Array.isArray(tuple[0]))) {
    throw new DecodeError('a payload without content')
  }
  const [content, metadata, id, providerOptions] = tuple as [
    MessageContent,
    Metadata | null | undefined,
    string | null | undefined,
    ProviderOptions | undefined,
  ]
  const message: Writable<Message<Metadata>> = {
    id: id ?? header.operation,
    seq,
    role: ROLES[header.kind[0]!]!,
    content,
    createdAt: new Date(header.time),
  }
  if (metadata !== undefined && metadata !== null) message.metadata = metadata
  if (providerOptions !== undefined) message.providerOptions = providerOptions
  return { message, tokens: Number(header.kind.slice(1)) }
}
