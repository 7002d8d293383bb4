/** What an invalid UTF-8 sequence becomes on its way out of Redis. */
export const REPLACEMENT = '\ufffd'

export const hasReplacement = (text: string): boolean => text.includes(REPLACEMENT)

/** The same JSON without the character itself, so that one which is read tells of bytes that were no UTF-8. */
export const escapeReplacement = (json: string): string =>
  hasReplacement(json) ? json.replaceAll(REPLACEMENT, '\\ufffd') : json
