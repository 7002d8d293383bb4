import type { Problem } from '../../errors/problem.js'
import { givenSecret } from '../given.js'

const FORM = 'a URL as redis://host:6379/0, or rediss:// for TLS'
const ENCODING = 'write special characters of a password percent-encoded, as encodeURIComponent does'

const problem = (given: string, allowed: string): Problem[] => [{ path: 'connection.url', given, allowed }]

/** Looks at the form of a URL. It may hold a password: nothing of it is repeated. */
export function urlProblems(url: unknown): Problem[] {
  if (typeof url !== 'string' || url === '') return problem(givenSecret(url), FORM)
  if (/\s/.test(url)) return problem('a string with white space', FORM)
  if (!/^rediss?:\/\//.test(url)) return problem('a string that does not begin with redis:// or rediss://', FORM)
  if (!URL.canParse(url)) return problem('a string that is no URL', `${FORM}; ${ENCODING}`)
  const { hostname, pathname, hash, port } = new URL(url)
  if (hostname === '') return problem('a URL without a host', `${FORM}; ${ENCODING}`)
  if (hash !== '') return problem('a URL with a #', `${FORM}; ${ENCODING}`)
  if (port === '0') return problem('a URL with the port 0', FORM)
  return /^(?:\/\d{0,9})?$/.test(pathname) ? [] : problem('a URL whose path is no database number', FORM)
}
