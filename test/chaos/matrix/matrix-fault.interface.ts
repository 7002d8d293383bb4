import type { Redis } from 'ioredis'
import type { FaultProxy, RealRedis } from 'nestjs-agent-memory/testing'

/** What faults are done to: one server, and a proxy before it for each operation. */
export interface MatrixTarget {
  readonly redis: RealRedis
  readonly proxies: readonly FaultProxy[]
  /** Past the proxies. */
  readonly admin: Redis
}

/** How an operation may end that meets a fault. */
export interface Expected {
  /** Whether it has to succeed, may, or cannot. */
  readonly succeeds: 'always' | 'perhaps' | 'never'
  /** The codes it may fail with. */
  readonly codes: readonly string[]
  /**
   * What the error may say about the execution. A TIMEOUT may always say that it is unknown: the last attempt was under way.
   *
   * @default anything that is true
   */
  readonly executed?: readonly string[]
}

/** A fault that is there, or about to strike. */
export interface ArmedFault {
  /** Called when the calls are under way. */
  readonly meanwhile?: () => Promise<unknown>
  /** Takes it back. */
  readonly lift: () => Promise<unknown>
  /** Whether it happened, asked when it is taken back. */
  readonly happened: () => Promise<boolean> | boolean
}

export interface MatrixFault {
  readonly name: string
  readonly arm: (target: MatrixTarget) => Promise<ArmedFault>
  readonly reads: Expected
  readonly writes: Expected
}
