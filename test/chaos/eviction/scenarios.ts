import { filledByOthers, filledBySessions } from './full-server.js'
import { freshProcess } from './fresh-process.js'
import { outOfMemory } from './out-of-memory.js'
import { reported } from './reported.js'
import { restartedEmpty, rolledBack } from './restarts.js'
import type { ScenarioOptions, ScenarioRow } from './scenario.interface.js'

const EVICTING = ['allkeys-lru', 'volatile-lru', 'allkeys-random'] as const
const POLICIES = [...EVICTING, 'noeviction'] as const

/** Each on a server of its own. */
export const evictionScenarios: readonly ((options: ScenarioOptions) => Promise<ScenarioRow>)[] = [
  ...EVICTING.map((policy) => (options: ScenarioOptions) => filledByOthers(policy, options)),
  outOfMemory,
  ...POLICIES.map((policy) => (options: ScenarioOptions) => filledBySessions(policy, options)),
  freshProcess,
  reported,
  restartedEmpty,
  rolledBack,
]

/** What is not as promised; nothing when it holds. */
export const scenarioProblems = ({
  name,
  evicted,
  oom,
  lost,
  silent,
  sessions,
  complete,
  problems,
}: ScenarioRow): string[] => {
  const told = Object.entries(lost)
  const count = told.reduce((sum, [, number]) => sum + number, 0)
  const isFull = !name.startsWith('rest') && !name.startsWith('roll')
  return [
    ...(isFull && evicted === 0 && !oom ? ['the server was never full'] : []),
    ...(evicted > 0 && count === 0 ? ['no session was evicted'] : []),
    ...(isFull && told.some(([reason]) => reason !== 'evicted') ? [`lost by ${told.join(', ')}`] : []),
    ...(silent > 0 ? [`${silent} silent`] : []),
    ...(isFull && complete + count > sessions ? [`${complete} complete and ${count} lost of ${sessions}`] : []),
    ...problems,
  ].map((text) => `${name}: ${text}`)
}
