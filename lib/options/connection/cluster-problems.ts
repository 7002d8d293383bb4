import type { Problem } from '../../errors/problem.js'
import { valueKind } from '../../errors/value-kind.js'
import { givenSecret } from '../given.js'
import { isOptionsObject } from '../is-options-object.js'
import { endpointProblems } from './endpoint-problems.js'
import { urlProblems } from './url-problems.js'

const PATH = 'connection.cluster'
const KNOWN = new Set(['nodes', 'options'])

const nodeProblems = (node: unknown, path: string): Problem[] => {
  if (typeof node === 'string') return urlProblems(node).map((problem) => ({ ...problem, path }))
  return endpointProblems(node, path, '{ host, port } or a URL')
}

const isTls = (node: unknown): boolean => typeof node === 'string' && node.startsWith('rediss://')

/** One TLS setting is for all nodes. */
const mixed = (nodes: readonly unknown[]): Problem[] =>
  nodes.some(isTls) && nodes.some((node) => typeof node === 'string' && !isTls(node))
    ? [{ path: `${PATH}.nodes`, given: 'URLs with rediss:// and others', allowed: 'all with TLS, or none' }]
    : []

const redirected = (name: string): Problem => ({
  path: `${PATH}.options.${name}`,
  given: 'an option of a node',
  allowed: `${PATH}.options.redisOptions.${name}`,
})

/** What belongs to the connection to each node, and is easily put beside `redisOptions` instead of into it. */
const OF_NODES = ['host', 'port', 'username', 'password', 'tls', 'db', 'path', 'url']

const optionsProblems = (options: unknown): Problem[] => {
  if (options === undefined) return []
  if (!isOptionsObject(options)) {
    return [{ path: `${PATH}.options`, given: valueKind(options), allowed: 'the options of an ioredis Cluster' }]
  }
  const { scaleReads } = options
  return [
    ...OF_NODES.filter((name) => options[name] !== undefined).map(redirected),
    ...(scaleReads === undefined || scaleReads === 'master'
      ? []
      : [
          {
            path: `${PATH}.options.scaleReads`,
            given: givenSecret(scaleReads),
            allowed: "'master': a replica may answer with what is not there any more",
          },
        ]),
  ]
}

/** What is wrong with `connection.cluster`. */
export const clusterProblems = (cluster: unknown): Problem[] => {
  const allowed = "{ nodes: [{ host: 'redis-1', port: 6379 }], options?: … }"
  if (!isOptionsObject(cluster)) return [{ path: PATH, given: givenSecret(cluster), allowed }]
  const { nodes, options } = cluster
  const unknown = Object.keys(cluster).filter((name) => !KNOWN.has(name))
  return [
    ...unknown.map((name) => ({ path: `${PATH}.${name}`, given: 'an unknown name', allowed: 'nodes, options' })),
    ...(Array.isArray(nodes) && nodes.length > 0
      ? [...nodes.flatMap((node, index) => nodeProblems(node, `${PATH}.nodes[${index}]`)), ...mixed(nodes)]
      : [{ path: `${PATH}.nodes`, given: valueKind(nodes), allowed: 'one node or more, as [{ host, port }]' }]),
    ...optionsProblems(options),
  ]
}
