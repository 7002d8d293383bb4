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
 * @param settled the write by the server alone
 * @param stored by whom, once it has settled; `undefined` when there was nothing to store
 */
export const confirmed = <Result>(
  store: SessionStore,
  operationId: string,
  deadline: Deadline,
  settled: Promise<Result>,
  stored: () => Stored | undefined,
): Promise<Result> => {
  const { telemetry, resilience, options } = store.shared
  const { confirmations } = resilience.connection
  const wanted = options.durability?.replicas
  if (confirmations === undefined || wanted === undefined) return settled
  return settled.then(async (result) => {
    if (!isStored(result)) return result
    const standing = stored()
    if (standing === undefined) return { ...result, replicas: 0 }
    const { key, id: sessionId, tenant } = store.target
    const replicas = await confirmations.confirm(key, standing.by, deadline)
    if (replicas >= wanted) return { ...result, stored: 'replicated', replicas }
    telemetry.underReplicated({ sessionId, tenant, operationId, replicas, wanted })
    return { ...result, replicas }
  })
}
