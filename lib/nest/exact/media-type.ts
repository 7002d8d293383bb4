/**
 * JSON in which values that JSON has no word for stand as tagged objects: a request or a response under it holds exact
 * values.
 *
 * @publicApi
 */
export const MEMORY_MEDIA_TYPE = 'application/vnd.agent-memory+json'

const JSON_MEDIA_TYPE = 'application/json'
const QUALITY = /^\s*q\s*=\s*(\d(?:\.\d*)?)\s*$/i

const bare = (mediaType: string): string => mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? ''

const qualityOf = (range: string): number => {
  const [, ...parameters] = range.split(';')
  const given = parameters.map((parameter) => QUALITY.exec(parameter)?.[1]).find((quality) => quality !== undefined)
  return given === undefined ? 1 : Number(given)
}

/** Whether a `Content-Type` is that of exact values. */
export const isExact = (contentType: unknown): boolean =>
  typeof contentType === 'string' && bare(contentType) === MEMORY_MEDIA_TYPE

/** Whether an `Accept` names exact values, and does not like plain JSON better. Wildcards do not name them. */
export const acceptsExact = (accept: unknown): boolean => {
  if (typeof accept !== 'string') return false
  const ranges = accept.split(',')
  const quality = (mediaType: string): number =>
    Math.max(0, ...ranges.filter((range) => bare(range) === mediaType).map(qualityOf))
  const exact = quality(MEMORY_MEDIA_TYPE)
  return exact > 0 && exact >= quality(JSON_MEDIA_TYPE)
}
