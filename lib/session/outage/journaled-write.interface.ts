/**
 * What a write answers that is kept in the journal while Redis is away: it has no seq and no version yet.
 *
 * @publicApi
 */
export interface JournaledWrite {
  /** `journal`: the write is on the local disk, and is made when Redis is back. */
  readonly stored: 'journal'
  readonly operationId: string
}
