import { describe, expect, it } from '@jest/globals'
import { RealRedisCluster } from 'nestjs-agent-memory/testing'
import { clusterScenarios } from './cluster-scenarios.js'
import { inTurn } from './in-turn.js'
import { runOnCluster } from './run-scenario.js'
import { failoverProblems } from './show-failover.js'

describe('a cluster under load', () => {
  it('loses and doubles nothing when slots move, and when masters are replaced by hand and by an election', async () => {
    await using cluster = await RealRedisCluster.start({ backend: 'binary' })
    const options = { seconds: 2, writers: 3, seed: 1, healing: true }
    const strike = inTurn(clusterScenarios, 'cluster-reshard', 'cluster-failover', 'cluster-kill')
    const outcome = await runOnCluster(cluster, options, strike)
    expect(failoverProblems({}, options, outcome)).toEqual([])
    expect(outcome.report.appended).toBeGreaterThan(1_000)
  }, 120_000)
})
