import { createParamDecorator } from '@nestjs/common'
import type { SessionState as StateOfSession } from '../../../session/state/session-state.interface.js'
import type { OfMemory } from './current-session.decorator.js'
import { openedFor } from './opened-for.js'

export const sessionState = async ({
  name,
  field,
}: OfMemory & { readonly field?: string | undefined }): Promise<unknown> => {
  const { state } = openedFor('@SessionState()', name).session
  return field === undefined ? (await state.get()).values : await state.value(field)
}

const decorate = createParamDecorator(sessionState)

/** The typed values of a session. @publicApi */
export type SessionState<State> = StateOfSession<State>

/**
 * The value of a field of the session's state; without a field the values of all of them, as an object.
 *
 * @publicApi
 */
export const SessionState = (field?: string, options: OfMemory = {}): ParameterDecorator =>
  decorate({ ...options, field })
