/** @publicApi */
export interface AnthropicTextBlock {
  type: 'text'
  text: string
}

/** @publicApi */
export type AnthropicImageMediaType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp'

/** @publicApi */
export interface AnthropicImageBlock {
  type: 'image'
  source: { type: 'base64'; media_type: AnthropicImageMediaType; data: string } | { type: 'url'; url: string }
}

/** @publicApi */
export interface AnthropicDocumentBlock {
  type: 'document'
  source:
    | { type: 'base64'; media_type: 'application/pdf'; data: string }
    | { type: 'text'; media_type: 'text/plain'; data: string }
    | { type: 'url'; url: string }
  title?: string
}

/** @publicApi */
export type AnthropicThinkingBlock =
  { type: 'thinking'; thinking: string; signature: string } | { type: 'redacted_thinking'; data: string }

/** @publicApi */
export interface AnthropicToolUseBlock {
  type: 'tool_use'
  id: string
  name: string
  input: Record<string, unknown>
}

/** @publicApi */
export interface AnthropicToolResultBlock {
  type: 'tool_result'
  tool_use_id: string
  content: string | (AnthropicTextBlock | AnthropicImageBlock | AnthropicDocumentBlock)[]
  is_error?: boolean
}

/** @publicApi */
export type AnthropicUserBlock =
  AnthropicTextBlock | AnthropicImageBlock | AnthropicDocumentBlock | AnthropicToolResultBlock

/** @publicApi */
export type AnthropicAssistantBlock = AnthropicTextBlock | AnthropicThinkingBlock | AnthropicToolUseBlock

/** @publicApi */
export type AnthropicMessage =
  | { role: 'user'; content: string | AnthropicUserBlock[] }
  | { role: 'assistant'; content: string | AnthropicAssistantBlock[] }

/**
 * `system` and `messages` of a request to Anthropic's Messages API. The roles alternate, and the first is `user`.
 *
 * @publicApi
 */
export interface AnthropicPrompt {
  system?: string
  messages: AnthropicMessage[]
}
