import { MemoryInvalidError } from '../errors/memory-invalid.error.js'
import { valueKind } from '../errors/value-kind.js'
import { toAiSdk } from './prompt-formats/ai-sdk.js'
import { toAnthropic } from './prompt-formats/anthropic.js'
import { toOpenAi } from './prompt-formats/openai.js'
import type { PromptSource } from './prompt-formats/prompt-source.interface.js'
import type { PromptFormats } from './session-context.interface.js'

const FORMATS: { readonly [Format in keyof PromptFormats]: (source: PromptSource) => PromptFormats[Format] } = {
  'ai-sdk': toAiSdk,
  openai: toOpenAi,
  anthropic: toAnthropic,
}

/**
 * Puts a context into the form of a model API.
 *
 * @throws MemoryInvalidError for an unknown format
 */
export const toPrompt = <Format extends keyof PromptFormats>(
  source: PromptSource,
  format: Format,
): PromptFormats[Format] => {
  if (!Object.hasOwn(FORMATS, format)) {
    throw new MemoryInvalidError({
      path: 'format',
      given: valueKind(format),
      allowed: "'ai-sdk', 'openai' or 'anthropic'",
    })
  }
  return FORMATS[format](source)
}
