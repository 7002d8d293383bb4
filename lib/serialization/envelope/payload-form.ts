/**
 * A payload says by its first character what is around the text: `z` compressed, `e` encrypted, anything else nothing. What
 * the codec writes is JSON, or `~` and JSON, and never begins with either.
 */
export const COMPRESSED = 'z'
export const ENCRYPTED = 'e'

/** `e<key id>.` */
const ENCRYPTED_HEAD = /^e([\w-]{1,64})\./

export const isCompressed = (payload: string): boolean => payload.startsWith(COMPRESSED)

export const isEncrypted = (payload: string): boolean => payload.startsWith(ENCRYPTED)

/** Whether the server can see the text. */
export const isOpen = (payload: string): boolean => !isCompressed(payload) && !isEncrypted(payload)

export const encryptedHead = (keyId: string): string => `${ENCRYPTED}${keyId}.`

/** The id of the key that an encrypted payload stands under; `undefined` for any other payload. */
export const keyIdOf = (payload: string): string | undefined =>
  isEncrypted(payload) ? ENCRYPTED_HEAD.exec(payload)?.[1] : undefined
