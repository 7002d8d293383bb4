import { toJsonText } from './prompt-formats/json-value.js'
import type { PromptSource } from './prompt-formats/prompt-source.interface.js'

const factLines = (facts: readonly string[]): string =>
  // A fact of several lines stays one item of the list.
  facts.map((fact) => `- ${fact.replaceAll('\n', '\n  ')}`).join('\n')

const stateLines = (state: Readonly<Record<string, unknown>>): string =>
  Object.entries(state)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `${JSON.stringify(field)}: ${toJsonText(value)}`)
    .join('\n')

/**
 * Summary, facts and state as one text that stands in front of the messages; `undefined` when there is none of them.
 * State is one `"field": JSON` a line, with dates as ISO texts; fields that are `undefined` are left out.
 */
export const systemText = ({ summary, facts, state }: Omit<PromptSource, 'messages'>): string | undefined => {
  const known = factLines(facts)
  const fields = stateLines(state)
  const sections: string[] = []
  if (summary !== undefined && summary.text !== '')
    sections.push(`Summary of the conversation so far:\n${summary.text}`)
  if (known !== '') sections.push(`Known about the user:\n${known}`)
  if (fields !== '') sections.push(`State of the conversation, as JSON:\n${fields}`)
  return sections.length === 0 ? undefined : sections.join('\n\n')
}
