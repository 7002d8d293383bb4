import type { RealRedisCluster } from 'nestjs-agent-memory/testing'
import type { ClusterScenario, Proof, Stage } from './scenario.interface.js'

/** Some of the scenarios, one after the other under one load. */
export const inTurn =
  (scenarios: readonly ClusterScenario[], ...names: readonly string[]) =>
  async (cluster: RealRedisCluster, stage: Stage): Promise<Proof> => {
    const proofs: Proof[] = []
    for (const name of names) {
      const scenario = scenarios.find((one) => one.name === name)
      if (scenario === undefined) throw new Error(`no scenario is named ${name}`)
      proofs.push(await scenario.strike(cluster, stage))
    }
    return { checks: proofs.flatMap(({ checks }) => checks), rows: proofs.flatMap(({ rows }) => rows) }
  }
