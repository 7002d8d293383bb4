import type { MessageInput } from 'nestjs-agent-memory'

/** What a call answers: its result, or the code of its error. */
export type Outcome = { readonly ok: unknown } | { readonly error: string }

interface Write {
  readonly user: string | undefined
  readonly operationId: string
}

/** A call on a session with everything said that it says. */
export type Call =
  | (Write & { readonly kind: 'append'; readonly messages: readonly MessageInput[]; readonly expectedVersion?: string })
  | (Write & {
      readonly kind: 'set' | 'patch'
      readonly values: Readonly<Record<string, unknown>>
      readonly expectedVersions: Readonly<Record<string, string>>
      readonly ttl?: string
    })
  | (Write & {
      readonly kind: 'unset'
      readonly fields: readonly string[]
      readonly expectedVersions: Readonly<Record<string, string>>
    })
  | (Write & {
      readonly kind: 'commit'
      readonly text: string
      readonly coversSeq: number
      readonly replaces: string | null
      readonly basedOn: string
    })
  | (Write & { readonly kind: 'clear' | 'delete'; readonly expectedVersion?: string })

export interface Window {
  readonly last?: number
  readonly turns?: number
  readonly maxTokens?: number
  readonly after?: number
  readonly before?: number
  readonly limit?: number
}
