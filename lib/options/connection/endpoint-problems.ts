import type { Problem } from '../../errors/problem.js'
import { givenSecret } from '../given.js'
import { isOptionsObject } from '../is-options-object.js'
import { addressProblems } from './address-problems.js'

/** What is wrong with one of several addresses. */
export const endpointProblems = (endpoint: unknown, path: string, allowed: string): Problem[] => {
  if (!isOptionsObject(endpoint)) return [{ path, given: givenSecret(endpoint), allowed }]
  const { host, port } = endpoint
  if (host === undefined) return [{ path: `${path}.host`, given: 'undefined', allowed: 'a host name or IP address' }]
  return addressProblems({ host, port }).map((problem) => ({
    ...problem,
    path: problem.path.replace('connection', path),
  }))
}
