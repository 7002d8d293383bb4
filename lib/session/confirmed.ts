import type { Deadline } from '../redis/deadline.js'
import type { KnownRun } from '../redis/server-run.js'
import type { SessionStore } from './session-store.js'

/** That a write was stored, or found to be, and by whom, where that can be told. */
export interface Stored {
  readonly by: KnownRun | undefined
}

const isStored = (result: unknown): boolean => (result as { readonly stored?: unknown }).stored === 'redis'

/**
 * What a write answers when replicas were waited for; the same where none are, and where it does not say how it is stored.
 *
 * @param stored `undefined` when there was nothing to store
 */
export const confirmed = async <Result>(
  store: SessionStore,
  operationId: string,
  deadline: Deadline,
  stored: Stored | undefined,
  result: Result,
): Promise<Result> => {
  const { telemetry, resilience, options } = store.shared
  const { confirmations } = resilience.connection
  const wanted = options.durability?.replicas
  if (confirmations === undefined || wanted === undefined || !isStored(result)) return result
  if (stored === undefined) return { ...result, replicas: 0 }
  const { key, id: sessionId, tenant } = store.target
  const replicas = await confirmations.confirm(key, stored.by, deadline)
  if (replicas >= wanted) return { ...result, stored: 'replicated', replicas }
  telemetry.underReplicated({ sessionId, tenant, operationId, replicas, wanted })
  return { ...result, replicas }
}
