import { TAG } from './tag.js'

/** Nothing that JSON escapes: no control character, quote, backslash or surrogate. */
const AS_IT_IS = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

/** As JSON.stringify gives it, in half the time for a text that needs no escapes. */
export const stringText = (text: string): string => (AS_IT_IS.test(text) ? `"${text}"` : JSON.stringify(text))

const MAX_KEYS = 1_000
const MAX_KEY_LENGTH = 40

/** What stands before a value in an object: the bracket or comma, the key and the colon, in one piece. */
export interface KeyText {
  readonly first: string
  readonly next: string
}

/** The texts of keys, remembered, since few keys come again and again. */
export class KeyTexts {
  private readonly texts = new Map<string, KeyText>()

  of(key: string): KeyText {
    return this.texts.get(key) ?? this.add(key)
  }

  private add(key: string): KeyText {
    const name = JSON.stringify(key.startsWith(TAG) ? TAG + key : key)
    const text = { first: `{${name}:`, next: `,${name}:` }
    if (key.length <= MAX_KEY_LENGTH && this.texts.size < MAX_KEYS) this.texts.set(key, text)
    return text
  }
}
