import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import type { Version } from '../model/record.interface.js'
import type { Deadline } from '../redis/deadline.js'
import type { ScriptReply } from '../redis/run-script.js'
import { resetScript } from '../redis/scripts/scripts.generated.js'
import { TOMBSTONE_TTL } from './life.js'
import type { Operation } from './operation.js'
import { writeScript } from './script-write.js'
import type { SessionStore } from './session-store.js'

/**
 * The session first, then the copy of its summary. When only the first was done, the error says `executed: 'yes'`, and the same
 * operation does the rest.
 *
 * @throws MemoryError
 */
export const resetSession = async (
  store: SessionStore,
  how: 'clear' | 'delete',
  named: Operation,
  expectedVersion: Version | undefined,
  deadline: Deadline,
): Promise<ScriptReply> => {
  const reply = await writeScript(store, resetScript, named, expectedVersion, [how, TOMBSTONE_TTL], deadline)
  if (how === 'delete') store.forget()
  const mark = reply[0] === 'STORED' ? 'force' : ''
  await store.keepSummary(String(reply[4]), TOMBSTONE_TTL, mark, named, deadline).catch((cause: unknown) => {
    const details = { sessionId: store.target.id, operationId: named.id, cause }
    throw new MemoryUnavailableError('the session is done with, but not yet the copy of its summary', 'yes', details)
  })
  return reply
}
