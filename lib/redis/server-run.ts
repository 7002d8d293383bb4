/** A server from its start to its end. */
export interface ServerRun {
  /** Which of them: see `nodeNameOf`. */
  readonly node: string
  /** `undefined` while it is not known, or INFO is denied. */
  readonly runId: string | undefined
  /** Whether it may send a write on to another node of its cluster. */
  readonly isOfCluster: boolean
}

/** One that can be told from those before and after it. */
export type KnownRun = ServerRun & { readonly runId: string }

/** Whether they cannot be the same. */
export const isAnother = (one: ServerRun, other: ServerRun): boolean =>
  one.node !== other.node || (one.runId !== undefined && other.runId !== undefined && one.runId !== other.runId)

const isKnown = (server: ServerRun): server is KnownRun => server.runId !== undefined

/** Who stored a write: known where the same run of the same server stood for its key when it was sent and when it was answered. */
export const storedBy = (sentTo: ServerRun, answeredBy: ServerRun): KnownRun | undefined =>
  isKnown(answeredBy) && sentTo.node === answeredBy.node && sentTo.runId === answeredBy.runId ? answeredBy : undefined
