type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'y'
type SizeUnit = 'b' | 'kb' | 'mb' | 'gb'

/**
 * A number with its unit: `'250ms'`, `'30m'`, `'7d'`. Above 0, at most 10 years.
 *
 * @publicApi
 */
export type Duration = `${number}${DurationUnit}`

/**
 * Bytes, or a number with its unit of 1,024: `65536`, `'64kb'`, `'1mb'`.
 *
 * @publicApi
 */
export type Size = number | `${number}${SizeUnit}`
