/** A server from its start to its end. */
export interface ServerRun {
  /** Which of them: see `nodeNameOf`. */
  readonly node: string
  /** `undefined` while it is not known, or INFO is denied. */
  readonly runId: string | undefined
}

/** Whether they cannot be the same. */
export const isAnother = (one: ServerRun, other: ServerRun): boolean =>
  one.node !== other.node || (one.runId !== undefined && other.runId !== undefined && one.runId !== other.runId)
