import type { Version } from '../../model/record.interface.js'
import { parseDuration } from '../../options/duration.js'

/** What write-state.lua takes for a field. */
export type FieldWrite = readonly [
  mode: 'set' | 'patch' | 'merged' | 'delete' | 'check',
  field: string,
  /** '' for any. */
  expected: Version,
  ttl: number | '',
  index: string,
  payload: string,
  /** Of 'merged': the version of the value it was merged with. */
  base: Version,
]

type Options = { readonly expectedVersions?: object | undefined } | undefined

export const expectedOf = (options: Options, field: string): Version => {
  const { expectedVersions } = options ?? {}
  return expectedVersions !== undefined && Object.hasOwn(expectedVersions, field)
    ? ((expectedVersions as Record<string, Version | undefined>)[field] ?? '')
    : ''
}

export const ttlOf = (options: { readonly ttl?: string | undefined } | undefined): number | '' =>
  options?.ttl === undefined ? '' : milliseconds(options.ttl)

const milliseconds = (duration: string): number | '' => {
  const parsed = parseDuration(duration)
  return 'ms' in parsed ? parsed.ms : ''
}

/** Versions are also expected of fields that are only read: a total rests on the items it was counted from. */
export const checksBeside = (writes: readonly FieldWrite[], options: Options): FieldWrite[] => {
  const written = new Set(writes.map(([, field]) => field))
  return Object.keys(options?.expectedVersions ?? {})
    .filter((field) => !written.has(field) && expectedOf(options, field) !== '')
    .map((field) => ['check', field, expectedOf(options, field), '', '-', '', ''])
}
