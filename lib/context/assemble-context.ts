import type { CorruptRecord, Version } from '../model/record.interface.js'
import type { Message } from '../model/message.interface.js'
import type { Summary } from '../model/summary.interface.js'
import type { PromptFormats, SessionContext } from './session-context.interface.js'
import { withJsonParts } from './json-parts.js'
import { toJsonValue, type JsonTypes } from './prompt-formats/json-value.js'
import { systemText } from './system-text.js'
import { toPrompt } from './to-prompt.js'
import type { TokenCounter } from '../model/token-counter.js'

/** What was read of a session. */
export interface ContextSource<Metadata> {
  readonly messages: readonly { readonly message: Message<Metadata>; readonly tokens: number }[]
  /** How many messages the session keeps. */
  readonly kept: number
  readonly summary: Summary | undefined
  readonly state: Record<string, unknown>
  readonly version: Version
  readonly stale: boolean
  readonly staleMs?: number
  readonly corrupt: CorruptRecord[]
}

/**
 * Where the window begins: the oldest messages are left out until the rest fits; and so are tool results at its beginning,
 * whose calls are left out, because models refuse them.
 */
const beginOfWindow = ({ messages }: Pick<ContextSource<unknown>, 'messages'>, budget: number): number => {
  let begin = messages.length
  let left = budget
  while (begin > 0 && messages[begin - 1]!.tokens <= left) {
    begin--
    left -= messages[begin]!.tokens
  }
  while (messages[begin]?.message.role === 'tool') begin++
  return begin
}

/** Makes the context out of what was read. */
export const assembleContext = <State, Metadata>(
  source: ContextSource<Metadata>,
  counter: TokenCounter,
  types: JsonTypes,
  maxTokens = Infinity,
): SessionContext<State, Metadata> => {
  const { summary, state, version, stale, staleMs, corrupt } = source
  const facts: readonly string[] = []
  const jsonState = Object.fromEntries(
    Object.entries(state).flatMap(([field, value]) =>
      value === undefined ? [] : [[field, toJsonValue(value, types)]],
    ),
  )
  const system = systemText({ summary, facts, state: jsonState })
  const systemTokens = system === undefined ? 0 : counter.count(system)
  const window = source.messages.slice(beginOfWindow(source, maxTokens - systemTokens))
  const messages = window.map(({ message }) => message)
  const unreadable = corrupt.filter(({ kind }) => kind === 'message').length
  return {
    messages,
    ...(summary !== undefined && { summary }),
    facts,
    state: state as Partial<State>,
    tokens: window.reduce((sum, { tokens }) => sum + tokens, systemTokens),
    omitted: source.kept - messages.length - unreadable,
    version,
    stale,
    ...(staleMs !== undefined && { staleMs }),
    corrupt,
    toPrompt: <Format extends keyof PromptFormats>(format: Format): PromptFormats[Format] => {
      const json = messages.map((message) => ({ ...message, content: withJsonParts(message.content, types) }))
      return toPrompt({ messages: json as Message[], summary, state: jsonState, facts }, format)
    },
  }
}
