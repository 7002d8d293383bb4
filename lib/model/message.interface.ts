/** @publicApi */
export type MessageRole = 'system' | 'user' | 'assistant' | 'tool'

/** Settings for one model provider, by its name; kept and handed back as they are. @publicApi */
export type ProviderOptions = Record<string, Record<string, unknown>>

interface PartBase {
  readonly providerOptions?: ProviderOptions
}

/** @publicApi */
export interface TextPart extends PartBase {
  readonly type: 'text'
  readonly text: string
}

/** An image as base64, a data URL or a URL. @publicApi */
export interface ImagePart extends PartBase {
  readonly type: 'image'
  readonly image: string
  readonly mediaType?: string
}

/** A file as base64, a data URL or a URL. @publicApi */
export interface FilePart extends PartBase {
  readonly type: 'file'
  readonly data: string
  readonly mediaType: string
  readonly filename?: string
}

/** @publicApi */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning'
  readonly text: string
}

/** @publicApi */
export interface ToolCallPart extends PartBase {
  readonly type: 'tool-call'
  readonly toolCallId: string
  readonly toolName: string
  readonly input: unknown
  readonly providerExecuted?: boolean
}

/** @publicApi */
export interface ToolResultPart extends PartBase {
  readonly type: 'tool-result'
  readonly toolCallId: string
  readonly toolName: string
  /** As the AI SDK has it: `{ type: 'text' | 'json' | 'error-text' | …, value }`; other values are kept as they are. */
  readonly output: unknown
}

/** @publicApi */
export type MessagePart = TextPart | ImagePart | FilePart | ReasoningPart | ToolCallPart | ToolResultPart

/** @publicApi */
export type MessageContent = string | readonly MessagePart[]

/**
 * A message as the caller gives it: an AI SDK `ModelMessage`, plus what memory adds.
 * A `seq` that comes along (a message read from another session) is ignored: Redis gives it.
 *
 * @publicApi
 */
export interface MessageInput<Metadata = Record<string, unknown>> {
  readonly role: MessageRole
  readonly content: MessageContent
  /** @default derived from the operation, so that a retry yields the same id */
  readonly id?: string | undefined
  /** @default the time of the Redis server */
  readonly createdAt?: Date | undefined
  readonly metadata?: Metadata | undefined
  readonly providerOptions?: ProviderOptions | undefined
  readonly seq?: number | undefined
}

/**
 * A message as it stands in the session.
 *
 * @publicApi
 */
export interface Message<Metadata = Record<string, unknown>> {
  readonly id: string
  /** The number of the message in its session, from 1, without gaps at the time of writing, given by Redis. */
  readonly seq: number
  readonly role: MessageRole
  readonly content: MessageContent
  readonly createdAt: Date
  readonly metadata?: Metadata
  readonly providerOptions?: ProviderOptions
}
