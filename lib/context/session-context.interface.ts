import type { CorruptRecord, Version } from '../model/record.interface.js'
import type { Message } from '../model/message.interface.js'
import type { ReadOptions } from '../model/read-options.interface.js'
import type { Summary } from '../model/summary.interface.js'
import type { AnthropicPrompt } from './prompt-formats/anthropic.interface.js'
import type { OpenAiMessage } from './prompt-formats/openai.interface.js'
import type { ModelMessage } from './prompt-formats/ai-sdk.interface.js'

/**
 * How much goes into the prompt. Without any option: everything that is kept.
 *
 * @publicApi
 */
export interface ContextOptions extends ReadOptions {
  /**
   * At most n tokens for summary, state and messages together: the oldest messages are left out first. Summary and state are
   * never shortened; when they alone take more, no message is left.
   */
  readonly maxTokens?: number | undefined
  /** At most the newest n messages. */
  readonly last?: number | undefined
  /** At most the newest n turns. */
  readonly turns?: number | undefined
}

/** @publicApi */
export interface PromptFormats {
  'ai-sdk': ModelMessage[]
  openai: OpenAiMessage[]
  anthropic: AnthropicPrompt
}

/** @publicApi */
export interface SessionContext<State = Record<string, unknown>, Metadata = Record<string, unknown>> {
  /** The window only. It never begins with the result of a tool call that was left out. */
  readonly messages: Message<Metadata>[]
  readonly summary?: Summary
  /** What is known about the user across sessions. */
  readonly facts: readonly string[]
  readonly state: Partial<State>
  /** The estimated tokens of summary, state and messages. */
  readonly tokens: number
  /** How many kept messages are not in the window. */
  readonly omitted: number
  readonly version: Version
  /** As for `messages`. */
  readonly stale: boolean
  /** As for `messages`. */
  readonly staleMs?: number
  readonly corrupt: CorruptRecord[]
  /** The context as a model API takes it: summary and state as system text, then the messages. */
  toPrompt<Format extends keyof PromptFormats>(format: Format): PromptFormats[Format]
}
