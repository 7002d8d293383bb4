import { describe, expect, it } from '@jest/globals'
import { isRedisAvailable } from 'nestjs-agent-memory/testing'
import { freshProcess } from '../../chaos/eviction/fresh-process.js'
import { filledByOthers, filledBySessions } from '../../chaos/eviction/full-server.js'
import { outOfMemory } from '../../chaos/eviction/out-of-memory.js'
import { reported } from '../../chaos/eviction/reported.js'
import { restartedEmpty, rolledBack } from '../../chaos/eviction/restarts.js'
import type { ScenarioOptions, ScenarioRow } from '../../chaos/eviction/scenario.interface.js'
import { scenarioProblems } from '../../chaos/eviction/scenarios.js'

type Scenario = (options: ScenarioOptions) => Promise<ScenarioRow>

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['when others fill the server', (options) => filledByOthers('allkeys-random', options)],
  ['when the sessions fill it themselves', (options) => filledBySessions('allkeys-lru', options)],
  ['when the server refuses what needs room', outOfMemory],
  ['in a process that only summaries testify to', freshProcess],
  ["by events, with onLoss: 'report'", reported],
  ['when the server comes back empty', restartedEmpty],
  ['when it comes back as it was a while ago, once', rolledBack],
]

const suite = isRedisAvailable({ backend: 'binary' }) ? describe : describe.skip

suite('a session is complete or said to be lost', () => {
  it.each(SCENARIOS)(
    '%s',
    async (_name, scenario) => {
      const row = await scenario({ sessions: 120 })
      expect(scenarioProblems(row)).toEqual([])
      expect(row).toMatchObject({ silent: 0, problems: [] })
    },
    30_000,
  )
})
