/** The server that a write was answered by. */
export interface StoredBy {
  /** The name of the node. */
  readonly node: string
  /** Of the server since its start: what another run has is not what this one stored. */
  readonly runId: string
  /** Whether it may have sent the write on to another node of its cluster. */
  readonly isOfCluster: boolean
}

/** Who stored a write: known where the same run of the same server stood for its key when it was sent and when it was answered. */
export const storedBy = (sentTo: StoredBy | undefined, answeredBy: StoredBy | undefined): StoredBy | undefined =>
  sentTo?.node === answeredBy?.node && sentTo?.runId === answeredBy?.runId ? answeredBy : undefined
