import type { Problem } from '../../errors/problem.js'
import { valueKind } from '../../errors/value-kind.js'
import { givenSecret } from '../given.js'
import { isOptionsObject } from '../is-options-object.js'
import { endpointProblems } from './endpoint-problems.js'

/**
 * What is wrong with how a master is found by its sentinels.
 *
 * @param path `connection.sentinel`, or `connection` for ioredis options with `sentinels`
 */
export const sentinelProblems = (options: unknown, path: string): Problem[] => {
  if (!isOptionsObject(options)) {
    const allowed = "{ name: 'mymaster', sentinels: [{ host: 'redis-1', port: 26379 }] }"
    return [{ path, given: givenSecret(options), allowed }]
  }
  const { name, sentinels, role, tls, enableTLSForSentinelMode } = options
  return [
    ...(typeof name === 'string' && name !== ''
      ? []
      : [{ path: `${path}.name`, given: givenSecret(name), allowed: 'the name the sentinels know the master by' }]),
    ...(Array.isArray(sentinels) && sentinels.length > 0
      ? sentinels.flatMap((each, index) => endpointProblems(each, `${path}.sentinels[${index}]`, '{ host, port }'))
      : [
          {
            path: `${path}.sentinels`,
            given: valueKind(sentinels),
            allowed: 'one sentinel or more, as [{ host, port }]',
          },
        ]),
    // Of ioredis, `tls` alone leaves the connection to the master in plain text.
    ...(tls === undefined || enableTLSForSentinelMode === true
      ? []
      : [
          {
            path: `${path}.enableTLSForSentinelMode`,
            given: givenSecret(enableTLSForSentinelMode),
            allowed: 'true, where tls is given: the master is reached by TLS then, and in plain text without',
          },
        ]),
    ...(role === undefined || role === 'master'
      ? []
      : [{ path: `${path}.role`, given: givenSecret(role), allowed: "'master': replicas take no writes" }]),
  ]
}
