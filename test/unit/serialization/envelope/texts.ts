const KINDS: readonly (readonly [string, string])[] = [
  ['ASCII', 'a sentence that comes back, '],
  ['two and three bytes a character', 'Grüße aus Łódź ☕ 寿司 '],
  ['surrogate pairs', '🛫🧳👩‍🚀'],
]
const SIZES = [0, 1, 100, 4095, 4096, 4097, 70_000, 1_048_576]

/** JSON texts of many sizes (bytes, about) and alphabets. */
export const TEXTS: readonly (readonly [string, string])[] = [
  ['null', 'null'],
  ['a marked text', '~{"$date":"2031-03-10T00:00:00.000Z"}'],
  ['a lone surrogate', JSON.stringify(['\ud800', '\udc00x'])],
  ['control characters and a byte order mark', JSON.stringify('\u0000\u001f\u2028\ufeff\r\n')],
  ...KINDS.flatMap(([kind, words]) =>
    SIZES.map((size): readonly [string, string] => [
      `${size} bytes of ${kind}`,
      JSON.stringify([words.repeat(Math.ceil(size / Buffer.byteLength(words)))]),
    ]),
  ),
]
