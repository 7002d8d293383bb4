import type { JsonObject, JsonValue } from './json-value.interface.js'

/** @publicApi */
export type ModelProviderOptions = Record<string, JsonObject>

interface ModelPartBase {
  providerOptions?: ModelProviderOptions
}

/** @publicApi */
export interface ModelTextPart extends ModelPartBase {
  type: 'text'
  text: string
}

/** @publicApi */
export interface ModelImagePart extends ModelPartBase {
  type: 'image'
  image: string
  mediaType?: string
}

/** @publicApi */
export interface ModelFilePart extends ModelPartBase {
  type: 'file'
  data: string
  mediaType: string
  filename?: string
}

/** @publicApi */
export interface ModelReasoningPart extends ModelPartBase {
  type: 'reasoning'
  text: string
}

/** @publicApi */
export interface ModelToolCallPart extends ModelPartBase {
  type: 'tool-call'
  toolCallId: string
  toolName: string
  input: unknown
  providerExecuted?: boolean
}

/** One item of a tool result that is more than text. @publicApi */
export type ModelToolContentItem =
  | { type: 'text'; text: string; providerOptions?: ModelProviderOptions }
  | { type: 'media'; data: string; mediaType: string }
  | { type: 'file-data'; data: string; mediaType: string; filename?: string; providerOptions?: ModelProviderOptions }
  | { type: 'file-url'; url: string; mediaType?: string; providerOptions?: ModelProviderOptions }
  | { type: 'file-id'; fileId: string | Record<string, string>; providerOptions?: ModelProviderOptions }
  | { type: 'image-data'; data: string; mediaType: string; providerOptions?: ModelProviderOptions }
  | { type: 'image-url'; url: string; providerOptions?: ModelProviderOptions }
  | { type: 'image-file-id'; fileId: string | Record<string, string>; providerOptions?: ModelProviderOptions }
  | { type: 'custom'; providerOptions?: ModelProviderOptions }

/** @publicApi */
export type ModelToolOutput =
  | { type: 'text' | 'error-text'; value: string; providerOptions?: ModelProviderOptions }
  | { type: 'json' | 'error-json'; value: JsonValue; providerOptions?: ModelProviderOptions }
  | { type: 'execution-denied'; reason?: string; providerOptions?: ModelProviderOptions }
  | { type: 'content'; value: ModelToolContentItem[] }

/** @publicApi */
export interface ModelToolResultPart extends ModelPartBase {
  type: 'tool-result'
  toolCallId: string
  toolName: string
  output: ModelToolOutput
}

/** @publicApi */
export interface SystemModelMessage extends ModelPartBase {
  role: 'system'
  content: string
}

/** @publicApi */
export interface UserModelMessage extends ModelPartBase {
  role: 'user'
  content: string | (ModelTextPart | ModelImagePart | ModelFilePart)[]
}

/** @publicApi */
export type AssistantModelPart =
  ModelTextPart | ModelFilePart | ModelReasoningPart | ModelToolCallPart | ModelToolResultPart

/** @publicApi */
export interface AssistantModelMessage extends ModelPartBase {
  role: 'assistant'
  content: string | AssistantModelPart[]
}

/** @publicApi */
export interface ToolModelMessage extends ModelPartBase {
  role: 'tool'
  content: ModelToolResultPart[]
}

/**
 * A message as AI SDK 6 takes it (`ModelMessage`).
 *
 * @publicApi
 */
export type ModelMessage = SystemModelMessage | UserModelMessage | AssistantModelMessage | ToolModelMessage
