/**
 * What pieces of text cost, in thousandths of a token. Fitted by least squares of the relative error against the
 * o200k_base vocabulary (dialogues, documentation, code, JSON, and the same technical sentences in thirteen languages),
 * then rounded, and here and there shifted, by hand. Scripts of `otherScriptWord` were looked at in single sentences only.
 */
export const TOKEN_WEIGHTS = {
  /** A Latin word, with the space before it. */
  word: 910,
  /** Each letter of a word beyond the sixth: long words are more often split. */
  longWordLetter: 230,
  upperCase: 80,
  /** A letter with a diacritic: in the languages that have them, fewer words are one token. */
  accented: 870,
  /** Up to three digits. */
  digits: 970,
  /** Digits right after a letter: ids and hashes fall into small pieces. */
  digitsAfterLetter: 1000,
  /** A space before digits, which do not take it in. */
  spaceBeforeDigits: 1450,
  /** A sign after a letter or digit. */
  sign: 740,
  signAfterSpace: 1350,
  /** A sign after another one: the same, or a different one. */
  repeatedSign: 30,
  furtherSign: 185,
  lineBreak: 400,
  /** Two spaces or more, or tabs. */
  indentation: 560,
  cyrillicWord: 500,
  cyrillicLetter: 205,
  hanRun: 550,
  han: 740,
  hangulWord: 500,
  hangul: 525,
  kana: 640,
  /** Hebrew, Arabic, the scripts of India, Thai and others between them. */
  otherScriptWord: 350,
  otherScriptLetter: 330,
  /** Half of a surrogate pair: an emoji is about two and a half tokens. */
  surrogate: 1400,
  other: 1180,
} as const
