import type { Redis } from 'ioredis'
import type { FaultProxy, RealRedis } from 'nestjs-agent-memory/testing'

/** What the faults are done to. */
export interface ChaosTarget {
  readonly redis: RealRedis
  readonly proxy: FaultProxy
  /** A client that goes past the proxy. */
  readonly admin: Redis
  /** Called before the server loses what it counted. */
  readonly beforeRestart: () => Promise<void>
}

/** What a fault is like this time. */
export interface FaultSize {
  /** How long it lasts. */
  readonly ms: number
  /** How much of it: milliseconds of latency, bytes, replies. */
  readonly amount: number
}

/**
 * A kind of fault. Of those that last, one of the network and one of the server are in force at a time; those that strike
 * at once come any time.
 */
export interface ChaosFault {
  readonly name: string
  readonly acts: 'at once' | 'on the network' | 'on the server'
  readonly weight: number
  readonly ms: readonly [least: number, most: number]
  readonly amount: readonly [least: number, most: number]
  /** Resolves when it is over. */
  strike(target: ChaosTarget, size: FaultSize): Promise<unknown>
}
