import { createParamDecorator } from '@nestjs/common'
import type { MessagesOptions } from '../../../session/agent-session.interface.js'
import type { OfMemory } from './current-session.decorator.js'
import { openedFor } from './opened-for.js'

export const history = async ({ name, ...window }: OfMemory & MessagesOptions): Promise<unknown> =>
  (await openedFor('@History()', name).session.messages(window)).messages

const decorate = createParamDecorator(history)

/**
 * Messages of the session, oldest first, as Message[]: those `session.messages(options)` answers.
 *
 *     @History({ turns: 10 }) history: Message[]
 *
 * @publicApi
 */
export const History = (options: MessagesOptions & OfMemory = {}): ParameterDecorator => decorate(options)
