import type { Problem } from '../../errors/problem.js'
import { givenSecret } from '../given.js'

type Options = Readonly<Record<string, unknown>>

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isWhole = (value: unknown, from: number, to: number): boolean =>
  Number.isInteger(value) && Number(value) >= from && Number(value) <= to

const numberHint = (value: unknown): string =>
  typeof value === 'string' ? '; turn the text of an environment variable into a number with Number(…)' : ''

const hostProblems = (host: unknown): Problem[] => {
  if (isText(host) && !/[\s/@]/.test(String(host))) return []
  const isUrl = typeof host === 'string' && host.includes('://')
  const allowed = `a host name or IP address${isUrl ? '; write a URL as { url: … }' : ''}`
  return [{ path: 'connection.host', given: isUrl ? 'a URL' : givenSecret(host), allowed }]
}

const pathProblems = (path: unknown): Problem[] =>
  isText(path) ? [] : [{ path: 'connection.path', given: givenSecret(path), allowed: 'the path of a Unix socket' }]

const wholeProblems = (name: string, value: unknown, from: number, to: number, what: string): Problem[] => {
  if (isWhole(value, from, to)) return []
  return [{ path: `connection.${name}`, given: givenSecret(value), allowed: `${what}${numberHint(value)}` }]
}

/** Looks at the ioredis options that say where the server is. `undefined` stands for the default of ioredis. */
export function addressProblems({ host, port, path, db }: Options): Problem[] {
  return [
    ...(host === undefined ? [] : hostProblems(host)),
    ...(port === undefined ? [] : wholeProblems('port', port, 1, 65_535, 'a whole number from 1 to 65535')),
    ...(path === undefined ? [] : pathProblems(path)),
    ...(db === undefined ? [] : wholeProblems('db', db, 0, 2 ** 31 - 1, 'a whole number from 0')),
  ]
}
