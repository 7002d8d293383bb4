import { createParamDecorator } from '@nestjs/common'
import type { ContextOptions } from '../../../context/session-context.interface.js'
import type { OfMemory } from './current-session.decorator.js'
import { openedFor } from './opened-for.js'

export const promptContext = async ({ name, ...options }: OfMemory & ContextOptions): Promise<unknown> =>
  openedFor('@PromptContext()', name).session.context(options)

const decorate = createParamDecorator(promptContext)

/**
 * What goes into the prompt, as SessionContext: what `session.context(options)` answers.
 *
 *     @PromptContext({ maxTokens: 4_000 }) context: SessionContext
 *
 * @publicApi
 */
export const PromptContext = (options: ContextOptions & OfMemory = {}): ParameterDecorator => decorate(options)
