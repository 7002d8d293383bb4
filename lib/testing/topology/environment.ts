import { TOPOLOGIES, type Topology } from './topology.js'

/** The variables through which a developer or a CI job has suites run on servers that belong together. */
export const TOPOLOGY_VARIABLE = 'AGENT_MEMORY_TEST_TOPOLOGY'
const CLUSTER_URL_VARIABLE = 'AGENT_MEMORY_TEST_CLUSTER_URL'
const SENTINEL_URL_VARIABLE = 'AGENT_MEMORY_TEST_SENTINEL_URL'

export const URL_VARIABLES = { cluster: CLUSTER_URL_VARIABLE, sentinel: SENTINEL_URL_VARIABLE } as const

type Environment = Readonly<Record<string, string | undefined>>

/** A variable that is set to nothing counts as not set. */
const read = (environment: Environment, name: string): string | undefined => {
  const value = environment[name]?.trim()
  return value === '' ? undefined : value
}

/** @throws Error when AGENT_MEMORY_TEST_TOPOLOGY names none */
export const readTopology = (environment: Environment = process.env): Topology => {
  const given = read(environment, TOPOLOGY_VARIABLE) ?? 'standalone'
  const topology = TOPOLOGIES.find((known) => known === given)
  if (topology === undefined) throw new Error(`${TOPOLOGY_VARIABLE} must be one of ${TOPOLOGIES.join(', ')}`)
  return topology
}

/**
 * Where servers are that somebody else started: any node of a cluster, or any of the Sentinels.
 *
 * @throws Error when it is no URL
 */
export const readGroupUrl = (
  topology: Exclude<Topology, 'standalone'>,
  environment: Environment = process.env,
): string | undefined => {
  const name = URL_VARIABLES[topology]
  const url = read(environment, name)
  if (url === undefined || (URL.canParse(url) && new URL(url).protocol === 'redis:')) return url
  throw new Error(`${name} must be a URL with redis://`)
}
