/**
 * What pieces of text cost, in thousandths of a token. Fitted by least squares of the relative error against the
 * o200k_base vocabulary: dialogues, documentation, code and JSON, and the same technical sentences in eleven languages.
 * `bench/token-estimate.mjs` shows how well they hold.
 */
export const TOKEN_WEIGHTS = {
  /** A Latin word, with the space before it. */
  word: 920,
  /** Each letter of a word beyond the sixth: long words are more often split. */
  longWordLetter: 225,
  upperCase: 85,
  /** A letter with a diacritic: in the languages that have them, fewer words are one token. */
  accented: 850,
  /** Up to three digits. */
  digits: 1150,
  /** A space before digits, which do not take it in. */
  spaceBeforeDigits: 1150,
  /** A sign after a letter or digit. */
  sign: 710,
  signAfterSpace: 1300,
  /** A sign after another one: the same, or a different one. */
  repeatedSign: 35,
  furtherSign: 200,
  lineBreak: 1040,
  /** Two spaces or more, or tabs. */
  indentation: 530,
  cyrillicWord: 500,
  cyrillicLetter: 205,
  hanRun: 570,
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
