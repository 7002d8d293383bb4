import type { AssistantModelPart, ModelToolResultPart } from './ai-sdk.interface.js'

/** What an assistant said up to a result, and the results that followed. */
export interface AssistantRun {
  readonly parts: Exclude<AssistantModelPart, ModelToolResultPart>[]
  readonly results: ModelToolResultPart[]
}

/**
 * Splits an assistant message at the results of tools the provider ran by itself: other formats want them in messages
 * of their own, right after the call.
 */
export const assistantRuns = (parts: readonly AssistantModelPart[]): AssistantRun[] => {
  const runs: AssistantRun[] = []
  let current: AssistantRun | undefined
  for (const part of parts) {
    if (current === undefined || (part.type !== 'tool-result' && current.results.length > 0)) {
      current = { parts: [], results: [] }
      runs.push(current)
    }
    if (part.type === 'tool-result') current.results.push(part)
    else current.parts.push(part)
  }
  return runs
}
