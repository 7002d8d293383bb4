/**
 * Turns values into text and back, exactly. Readable text: what can be JSON is JSON.
 */
export interface Codec {
  /** @throws EncodeError for a value that would not come back as it is */
  encode(value: unknown): string
  /** A plain object, with its members to be told apart; `undefined` for any other value. @throws EncodeError */
  encodeMembers(value: unknown): EncodedObject | undefined
  /** A text that is the same for equal values, whatever the order of their keys. @throws EncodeError */
  canonical(value: unknown): string
  /** @throws DecodeError */
  decode(text: string): unknown
}

/** An object as text, and where its members are in it. */
export interface EncodedObject {
  readonly text: string
  /**
   * For each member: the bytes of its key (as JSON text) and of the whole member. `undefined` when the text holds
   * references: then a member is no text of its own.
   */
  readonly memberBytes: readonly (readonly [key: number, member: number])[] | undefined
}
