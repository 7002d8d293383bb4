import { describe, expect, it } from '@jest/globals'
import { RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { viewOf } from './observe.js'
import { DOWN_AFTER, runOnSentinel } from './run-scenario.js'
import type { Proof, Stage } from './scenario.interface.js'
import { failoverProblems } from './show-failover.js'

/** The master is cut off, and stays so: what it acknowledged until clients heard of the new one is nowhere else. */
const cutOff = async (set: RealRedisSentinel, stage: Stage): Promise<Proof> => {
  const former = await set.master()
  const looking = set.serverClient(former)
  const before = await viewOf(looking)
  await set.partitionMaster()
  await poll(async () => (await set.master()).port !== former.port)
  const alone = await viewOf(looking)
  await stage.pass(1)
  return {
    checks: [
      [alone.role !== 'master', 'the master was told that it is none'],
      [alone.scripts <= before.scripts, 'the master did not serve clients while it was cut off'],
    ],
    rows: [],
  }
}

describe('a master that Sentinels watch, under load', () => {
  it.each([true, false])(
    'loses what only it had when it is cut off, unless that is healed: healing %s',
    async (healing) => {
      await using set = await RealRedisSentinel.start({ backend: 'binary', replicas: 1, downAfter: DOWN_AFTER })
      const options = { seconds: 2, writers: 3, seed: 1, healing }
      const outcome = await runOnSentinel(set, options, cutOff)
      expect(failoverProblems({ loses: true }, options, outcome)).toEqual([])
      expect(outcome.report.reportedLost).toBeGreaterThanOrEqual(Math.min(1, outcome.report.lostAppends))
    },
    120_000,
  )
})
