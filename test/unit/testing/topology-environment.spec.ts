import { describe, expect, it } from '@jest/globals'
import { readGroupUrl, readTopology } from '../../../lib/testing/topology/environment.js'

describe('readTopology', () => {
  it.each([undefined, '', ' '])('is one server where the variable is %j', (given) => {
    expect(readTopology({ AGENT_MEMORY_TEST_TOPOLOGY: given })).toBe('standalone')
  })

  it.each(['standalone', 'cluster', 'sentinel'] as const)('knows %s', (topology) => {
    expect(readTopology({ AGENT_MEMORY_TEST_TOPOLOGY: topology })).toBe(topology)
  })

  it('refuses any other and lists those there are', () => {
    expect(() => readTopology({ AGENT_MEMORY_TEST_TOPOLOGY: 'ring' })).toThrow(
      'AGENT_MEMORY_TEST_TOPOLOGY must be one of standalone, cluster, sentinel',
    )
  })
})

describe('readGroupUrl', () => {
  const environment = {
    AGENT_MEMORY_TEST_CLUSTER_URL: 'redis://127.0.0.1:7000',
    AGENT_MEMORY_TEST_SENTINEL_URL: 'redis://127.0.0.1:26379',
  }

  it('has a variable for each', () => {
    expect(readGroupUrl('cluster', environment)).toBe('redis://127.0.0.1:7000')
    expect(readGroupUrl('sentinel', environment)).toBe('redis://127.0.0.1:26379')
    expect(readGroupUrl('cluster', {})).toBeUndefined()
  })

  it.each(['127.0.0.1:7000', 'rediss://127.0.0.1', 'no url'])('refuses %s', (given) => {
    expect(() => readGroupUrl('cluster', { AGENT_MEMORY_TEST_CLUSTER_URL: given })).toThrow(
      'AGENT_MEMORY_TEST_CLUSTER_URL must be a URL with redis://',
    )
  })
})
