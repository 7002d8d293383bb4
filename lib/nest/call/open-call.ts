import type { ExecutionContext } from '@nestjs/common'
import { MemoryCall, type OpenedSession } from '../../call/memory-call.js'
import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { valueKind } from '../../errors/value-kind.js'
import type { Memories } from '../../named/memories.js'
import { validateId } from '../../session/validation/validate-id.js'
import type { UseMemoryOptions } from './call-options.interface.js'
import type { FromCall } from './from-call.interface.js'
import { placeOf, readFromCall } from './read-from-call.js'

const idFrom = async (
  context: ExecutionContext,
  from: FromCall<string | undefined>,
  option: string,
): Promise<string> => {
  const id = await readFromCall(context, from)
  const path = placeOf(from, option)
  if (id === undefined || id === null) {
    throw new MemoryInvalidError({ path, given: valueKind(id), allowed: `the id of the ${option}` })
  }
  validateId(id, path)
  return id
}

const openSession = async (
  memories: Memories,
  context: ExecutionContext,
  { session, user, tenant, name }: UseMemoryOptions,
): Promise<OpenedSession> => {
  const memory = memories.get(name)
  const id = await idFrom(context, session, 'session')
  // Asked for and not there, it must not become a session that belongs to nobody.
  const owner = {
    tenant: tenant && (await idFrom(context, tenant, 'tenant')),
    userId: user && (await idFrom(context, user, 'user')),
  }
  return { name, memory, session: memory.session(id, owner) }
}

/** Opens the sessions of a call. @throws MemoryInvalidError for an id that is missing or cannot be one */
export const openCall = async (
  memories: Memories,
  context: ExecutionContext,
  used: readonly UseMemoryOptions[],
): Promise<MemoryCall> =>
  new MemoryCall(context, await Promise.all(used.map((options) => openSession(memories, context, options))))
