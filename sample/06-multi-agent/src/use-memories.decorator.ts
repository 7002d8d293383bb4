import { applyDecorators } from '@nestjs/common'
import { UseMemory } from 'nestjs-agent-memory'
import { AGENTS } from './agent-name.js'

// The header keeps the sample short. In an application, `user` is a function that answers whom a guard has verified.
const OF_CALL = { session: 'params.sessionId', user: 'headers.x-user-id' }

/** The session that all agents share, and under the same id one of each agent's own. */
export const UseMemories = (): ClassDecorator =>
  applyDecorators(UseMemory(OF_CALL), ...AGENTS.map((name) => UseMemory({ ...OF_CALL, name })))
