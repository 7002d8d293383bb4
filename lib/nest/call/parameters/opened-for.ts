import { currentCall, type OpenedSession } from '../../../call/memory-call.js'
import { MemoryConfigError } from '../../../errors/memory-config.error.js'

/** The session of the call under way. @throws MemoryConfigError when nothing opened one */
export const openedFor = (decorator: string, name: string | undefined): OpenedSession => {
  const opened = currentCall()?.named(name)
  if (opened !== undefined) return opened
  const of = name === undefined ? '' : `, name: '${name}'`
  throw new MemoryConfigError({
    path: decorator,
    given: `a call that has no session${name === undefined ? '' : ` of the memory '${name}'`}`,
    allowed: `at a handler with @UseMemory({ session: 'params.sessionId'${of} }), or one whose class has it`,
  })
}
