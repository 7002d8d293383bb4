import { createParamDecorator } from '@nestjs/common'
import { openedFor } from './opened-for.js'

/** Of the memory. @default the memory of `forRoot`, or the only one that `@UseMemory` names @publicApi */
export interface OfMemory {
  readonly name?: string
}

export const currentSession = ({ name }: OfMemory): unknown => openedFor('@CurrentSession()', name).session

const decorate = createParamDecorator(currentSession)

/**
 * The session that `@UseMemory` opened, as AgentSession. Nest has a `@Session()` of its own, for cookies.
 *
 * @publicApi
 */
export const CurrentSession = (options: OfMemory = {}): ParameterDecorator => decorate(options)
