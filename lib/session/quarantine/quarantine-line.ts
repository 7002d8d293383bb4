import type { CorruptRecord } from '../../model/record.interface.js'

/** A record that was put aside: see includes/aside.lua. */
export interface AsideRecord {
  readonly name: Omit<CorruptRecord, 'reason'>
  readonly removedAt: Date
  readonly record: string
}

const nameOf = (field: string): AsideRecord['name'] => {
  if (field.startsWith('m:')) return { kind: 'message', seq: Number(field.slice(2)) }
  return field.startsWith('s:') ? { kind: 'state', field: field.slice(2) } : { kind: 'summary' }
}

/** `<time in ms>\t<field>\t<record, its backslashes and line feeds escaped>`; `undefined` for what is no such line. */
export const parseQuarantineLine = (line: string): AsideRecord | undefined => {
  const [, time, field, escaped] = /^(\d+)\t([^\t]+)\t(.*)$/s.exec(line) ?? []
  if (time === undefined || field === undefined || escaped === undefined) return undefined
  return {
    name: nameOf(field),
    removedAt: new Date(Number(time)),
    record: escaped.replace(/\\([n\\])/g, (_, character: string) => (character === 'n' ? '\n' : '\\')),
  }
}
