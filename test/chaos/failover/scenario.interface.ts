import type { RealRedisCluster, RealRedisSentinel } from 'nestjs-agent-memory/testing'
import type { Check } from '../failed-checks.js'
import type { Place } from './session-writer.js'
import type { Shard } from './shard.js'

export type Row = readonly [name: string, value: string | number]

/** What a scenario knows of the load, and may do about it. */
export interface Stage {
  readonly namespace: string
  /** The first one is what faults are made to. */
  readonly shards: readonly Shard[]
  /** The keys of sessions that are written to. */
  readonly keysOn: (shard: Shard) => readonly string[]
  /** Resolves after a part of the seconds of the run, in which the load goes on. */
  readonly pass: (part: number) => Promise<void>
  /** Notes that something has just happened. */
  readonly mark: (what: string) => void
  /** Has the load write to some more sessions. */
  readonly visit: (places: readonly Place[]) => void
  /** How many appends were acknowledged up to now. */
  readonly appended: () => Promise<number>
}

/** What shows that the fault was made, and what was seen of it. */
export interface Proof {
  /** What must not be so, or the fault was none. */
  readonly checks: readonly Check[]
  readonly rows: readonly Row[]
}

interface AnyScenario<Servers> {
  readonly name: string
  /** In a few words. */
  readonly title: string
  /** Arguments for each server. */
  readonly args?: readonly string[]
  /** What servers acknowledge that are cut off: only healing brings it back. */
  readonly loses?: boolean
  /** Makes the fault while the load goes on, and takes it back. */
  readonly strike: (servers: Servers, stage: Stage) => Promise<Proof>
}

export interface ClusterScenario extends AnyScenario<RealRedisCluster> {
  readonly on: 'cluster'
}

export interface SentinelScenario extends AnyScenario<RealRedisSentinel> {
  readonly on: 'sentinel'
}

export type Scenario = ClusterScenario | SentinelScenario
