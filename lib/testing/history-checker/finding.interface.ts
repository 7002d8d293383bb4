/**
 * What must not be in a history of calls.
 *
 * - `hung`: a call that did not settle in time.
 * - `lost`: acknowledged, or read, and not there in the end.
 * - `doubled`: there more than once.
 * - `reordered`: behind a later call of its writer, or not in the place that another look showed.
 * - `garbled`: there with another content.
 * - `phantom`: there although every call was refused, or nobody wrote it.
 * - `staleAsFresh`: missing in a read that began after the acknowledgement and does not say that it is stale.
 * - `resurrected`: there again after it was cleared, or after a newer value was acknowledged.
 *
 * @publicApi
 */
export type FindingKind =
  'hung' | 'lost' | 'doubled' | 'reordered' | 'garbled' | 'phantom' | 'staleAsFresh' | 'resurrected'

/** @publicApi */
export interface Finding {
  readonly session: string
  /** Of the write; of a value, `<field>=<value>`. A read has none. */
  readonly id?: string
  readonly writer?: string
  readonly detail: string
}
