/**
 * What is around the text of a payload: compression, encryption, or nothing. An opened payload is the text that was sealed.
 * Texts are what the codec writes: JSON, maybe with `~` in front, and well-formed.
 *
 * `place` names where the payload stands (key, field, what of the header it belongs to): an encrypted one opens nowhere else.
 */
export interface Envelope {
  /** Whether payloads are encrypted: then a place must be known before it is written to. */
  readonly encrypts: boolean
  /**
   * Gets the key to write with, and those the given payloads stand under; `undefined` when all are at hand, which is
   * always so without a KeyProvider. A key that does not exist is no error here. It may take for ever: the deadline is the
   * caller's.
   *
   * @throws KeyUnavailable when the provider rejects, or gives something else than a key
   */
  prepare(payloads?: Iterable<string>): Promise<void> | undefined
  /** @throws KeyUnavailable when there is no key to write with */
  seal(text: string, place: string): string
  /** @throws DecodeError; also for a key that `prepare` was not asked for */
  open(payload: string, place: string): string
  /** Whether the server can see the text of a payload: neither compressed nor encrypted. */
  isOpen(payload: string): boolean
  /** Whether it stands as `seal` would write it today: under the current key. */
  isCurrent(payload: string): boolean
  /**
   * Digests of a text, 16 hex digits each: the one to write with, then those it may have been written with under the other
   * keys at hand.
   *
   * @throws KeyUnavailable when there is no key to write with
   */
  digests(text: string): readonly [string, ...string[]]
}
