const KEY_BYTES = 32
/** Base64 or base64url of 32 bytes, with or without padding. */
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/

/** What a key of the options may be; said without ever showing one. */
export const KEY_FORM =
  "32 bytes: a Uint8Array of them, or their base64 or base64url; for hex, give Buffer.from(hex, 'hex')"

/** The bytes of a key, as a copy: what the caller does to them later does not matter. `undefined` for what is no key. */
export const readKey = (key: unknown): Buffer | undefined => {
  if (key instanceof Uint8Array) return key.length === KEY_BYTES ? Buffer.from(key) : undefined
  return typeof key === 'string' && BASE64.test(key) ? Buffer.from(key, 'base64') : undefined
}
