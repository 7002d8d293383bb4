import type { Message } from '../../model/message.interface.js'

/** What a prompt is made of. */
export interface PromptSource {
  readonly messages: readonly Message[]
  readonly summary?: { readonly text: string }
  readonly state: Readonly<Record<string, unknown>>
  readonly facts: readonly string[]
}
