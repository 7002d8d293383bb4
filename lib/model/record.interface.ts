/**
 * An opaque token of a session's history, or of a state field or summary. Two histories never share one, not even
 * after a deletion, a rollback or a new start of the server. `'0'` stands for "does not exist".
 *
 * @publicApi
 */
export type Version = string

/**
 * A record that could not be read; it stays where it is.
 *
 * @publicApi
 */
export interface CorruptRecord {
  readonly kind: 'message' | 'state' | 'summary'
  /** Of a message. */
  readonly seq?: number
  /** Of a state value. */
  readonly field?: string
  /** Why, without the content. */
  readonly reason: string
}
