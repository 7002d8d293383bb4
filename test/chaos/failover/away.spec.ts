import { describe, expect, it } from '@jest/globals'
import { RealRedisCluster } from 'nestjs-agent-memory/testing'
import { clusterAwayScenarios, ON_DISK } from './away-scenarios.js'
import { inTurn } from './in-turn.js'
import { runOnCluster } from './run-scenario.js'
import { failoverProblems } from './show-failover.js'

describe('a cluster that is away', () => {
  it('ends no process and lets no call wait, be it a node that is asked for or all of them, and works when it is back', async () => {
    await using cluster = await RealRedisCluster.start({ backend: 'binary', args: ON_DISK })
    const options = { seconds: 3, writers: 3, seed: 1, healing: true }
    const outcome = await runOnCluster(cluster, options, inTurn(clusterAwayScenarios, 'cluster-ask', 'cluster-away'))
    expect(failoverProblems({}, options, outcome)).toEqual([])
    const failed = expect.stringMatching(/^(?:UNAVAILABLE|TIMEOUT)\//)
    expect(Object.keys(outcome.report.errors)).toEqual(expect.arrayContaining([failed]))
  }, 120_000)
})
