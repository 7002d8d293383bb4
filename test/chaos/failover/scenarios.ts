import { clusterAwayScenarios, sentinelAwayScenarios } from './away-scenarios.js'
import { clusterScenarios } from './cluster-scenarios.js'
import type { Scenario } from './scenario.interface.js'
import { sentinelScenarios } from './sentinel-scenarios.js'

export const scenarios: readonly Scenario[] = [
  ...clusterScenarios,
  ...sentinelScenarios,
  ...clusterAwayScenarios,
  ...sentinelAwayScenarios,
]
