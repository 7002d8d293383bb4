import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { freshProcess } from './fresh-process.js'
import { filledByOthers, filledBySessions } from './full-server.js'
import { outOfMemory } from './out-of-memory.js'
import { reported } from './reported.js'
import { restartedEmpty, rolledBack } from './restarts.js'
import type { ScenarioOptions, ScenarioRow } from './scenario.interface.js'
import { scenarioProblems } from './scenarios.js'

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

describeWithRedis(
  'a session is complete or said to be lost',
  () => {
    it.each(SCENARIOS)(
      '%s',
      async (_name, scenario) => {
        const row = await scenario({ sessions: 120 })
        expect(scenarioProblems(row)).toEqual([])
        expect(row).toMatchObject({ silent: 0, problems: [] })
      },
      30_000,
    )
  },
  { backend: 'binary' },
)
