import { performance } from 'node:perf_hooks'
import { MemoryShutdownError } from '../errors/memory-shutdown.error.js'
import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import { MemoryError, type MemoryErrorCode, type MemoryErrorDetails } from '../errors/memory.error.js'
import type { ConnectionTelemetry } from '../observability/connection-telemetry.js'
import type { ResolvedMemoryOptions } from '../options/resolved-options.interface.js'
import type { CallDetails } from '../redis/classify-error.js'
import type { Client } from '../redis/cluster-nodes.js'
import type { RedisConnection } from '../redis/connection.js'
import { Deadline } from '../redis/deadline.js'
import { ReplicationWatch } from '../redis/replication/replication-watch.js'
import { Breaker } from './breaker.js'
import { InFlight, type HeldBytes } from './in-flight.js'
import { LoopTurns } from './loop-turns.js'
import { NotAgain } from './not-again.js'
import { Retries } from './retries.js'

/** How long calls under way are waited for when the application closes, in ms. */
const CLOSE_TIMEOUT = 2_500
/** The part of a call's time that is left for what takes the place of Redis, where something does. */
const TIME_FOR_OUTAGE = 0.2

/** What an attempt is told of the ones before it. */
export interface Attempt {
  /** When the first of them began that may have been executed, by `performance.now()`. */
  readonly unansweredSince: number | undefined
}

/** A command that failed: what it was, and when, wall clock in ms. */
export interface LastFailure {
  readonly code: MemoryErrorCode
  readonly at: number
}

/** Errors that say nothing about an earlier attempt: they come without the script having looked for it. */
const SAYS_NOTHING: ReadonlySet<MemoryErrorCode> = new Set<MemoryErrorCode>([
  'UNAVAILABLE',
  'TIMEOUT',
  'OVERLOADED',
  'SHUTDOWN',
  'PERMISSION_DENIED',
  'SERVER_FULL',
  'CONFIG_INVALID',
  'CORRUPT',
])

/**
 * What stands between every call and the connection: a cap on what is under way, retries within the deadline of the call, and a
 * breaker around each command.
 */
export class Resilience {
  /** For long work of this process on what was read. */
  readonly loopTurns = new LoopTurns()
  readonly replicationWatch: ReplicationWatch
  private readonly inFlight: InFlight
  private readonly retries: Retries
  /** By the name of the server: one that is away takes no other with it. */
  private readonly breakers = new Map<string, Breaker>()
  private readonly closers: (() => void)[] = []
  private readonly enders: (() => Promise<void>)[] = []
  private closing = false
  private failure: LastFailure | undefined

  constructor(
    readonly connection: RedisConnection,
    private readonly options: ResolvedMemoryOptions['resilience'],
    readonly telemetry: ConnectionTelemetry,
  ) {
    this.inFlight = new InFlight(options.inFlight, (sessionId) => telemetry.shed(sessionId))
    this.retries = new Retries(options.retry)
    this.replicationWatch = new ReplicationWatch(() => (connection.isUsable ? connection.topology.knownMasters() : []))
    connection.onUsable(() => {
      for (const breaker of this.breakers.values()) breaker.close()
    })
    connection.topology.onServing((nodes) => this.forgetOthers(nodes))
  }

  /** The deadline of a call that begins now. @throws MemoryShutdownError when the application closes */
  deadline(): Deadline {
    if (this.closing) throw new MemoryShutdownError('the application is closing: nothing new is started')
    const { deadline, onOutage } = this.options
    return new Deadline(onOutage === 'throw' ? deadline : Math.ceil(deadline * (1 - TIME_FOR_OUTAGE)))
  }

  /** For the work on what takes the place of Redis, from now: the part of a call's time that `deadline` leaves. */
  timeForOutage(): Deadline {
    return new Deadline(this.options.deadline * TIME_FOR_OUTAGE)
  }

  /** Calls `listener` when no new call may begin any more. */
  onClosing(listener: () => void): void {
    this.closers.push(listener)
  }

  /** Calls `listener` when all calls have settled and the connection is closed. It does not reject. */
  onEnding(listener: () => Promise<void>): void {
    this.enders.push(listener)
  }

  /** How many calls are under way, and whether commands are let through. */
  get status(): { readonly inFlight: number; readonly breaker: 'closed' | 'open' | 'half-open' } {
    const states = new Set([...this.breakers.values()].map(({ state }) => state))
    const breaker = (['open', 'half-open'] as const).find((state) => states.has(state)) ?? 'closed'
    return { inFlight: this.inFlight.count, breaker }
  }

  /** The last command that failed. */
  get lastFailure(): LastFailure | undefined {
    return this.failure
  }

  /** Runs one command on a key, if the breaker of its server lets it through. @throws MemoryError within the deadline */
  run<T>(key: string, command: (client: Client) => Promise<T>, details: CallDetails, deadline: Deadline): Promise<T> {
    const send = (): Promise<T> => this.connection.run(command, details, deadline)
    const breaker = this.breakerOf(key)
    return (breaker === undefined ? send() : breaker.run(send, details, deadline)).catch((error: unknown) => {
      if (error instanceof MemoryError) this.failure = { code: error.code, at: Date.now() }
      throw error
    })
  }

  /**
   * Runs a call: its attempts follow each other until one is answered, or the deadline has come. Each must be safe to repeat.
   *
   * @param bytes that the call holds while it is under way
   * @param otherwise what to do when all attempts failed; it is part of the call
   * @param settled is called at its end
   * @throws MemoryError with `executed: 'unknown'` where an attempt that may have been executed was followed by none that told
   */
  async call<T>(
    details: CallDetails,
    deadline: Deadline,
    bytes: number,
    attempt: (earlier: Attempt) => Promise<T>,
    otherwise: (error: unknown) => Promise<T> = rethrow,
    settled: () => void = nothing,
  ): Promise<T> {
    try {
      this.inFlight.enter(bytes, details)
      const repeated = (failed: MemoryError): void => this.telemetry.retried(details.sessionId, failed.code)
      try {
        return await this.retries.run(deadline, repeatable(details, deadline, attempt, repeated))
      } catch (error) {
        return await otherwise(error)
      } finally {
        this.inFlight.leave(bytes)
      }
    } finally {
      settled()
    }
  }

  /** Runs what is no attempt at a call to the master, and a part of what is under way. @throws MemoryOverloadedError */
  async beside<T>(details: CallDetails, work: () => Promise<T>): Promise<T> {
    this.inFlight.enter(0, details)
    try {
      return await work()
    } finally {
      this.inFlight.leave(0)
    }
  }

  /** For what a read holds beyond its first answer; to be released when it has been answered. */
  reading(details: CallDetails): HeldBytes {
    return this.inFlight.reading(ids(details))
  }

  /** Lets no new call begin, and resolves when those under way have settled, or after some seconds. */
  async close(): Promise<void> {
    this.closing = true
    this.replicationWatch.close()
    for (const listener of this.closers) listener()
    await this.settled()
  }

  /** Resolves when the calls under way have settled, or after some seconds. */
  async settled(): Promise<void> {
    await new Deadline(CLOSE_TIMEOUT).race(this.inFlight.settled()).catch(() => undefined)
  }

  /** To be called after the connection was closed. */
  async end(): Promise<void> {
    await this.settled()
    await Promise.all(this.enders.map((listener) => listener()))
  }

  private breakerOf(key: string): Breaker | undefined {
    const { options, breakers, telemetry } = this
    if (options.breaker === undefined) return undefined
    const node = this.connection.topology.nodeOf(key)
    let breaker = breakers.get(node)
    if (breaker === undefined) {
      const made = new Breaker(options.breaker, (state) => {
        // Calls to a server that is forgotten may still be under way.
        if (breakers.get(node) === made) telemetry.breaker(state)
      })
      breakers.set(node, (breaker = made))
    }
    return breaker
  }

  /** A server that serves nothing any more keeps no calls away. */
  private forgetOthers(nodes: ReadonlySet<string>): void {
    for (const [node, breaker] of this.breakers) {
      if (nodes.has(node)) continue
      breaker.close()
      this.breakers.delete(node)
    }
  }
}

const rethrow = async (error: unknown): Promise<never> => {
  throw error
}

const nothing = (): void => undefined

const ids = ({ sessionId, operationId }: CallDetails): MemoryErrorDetails => ({ sessionId, operationId })

const repeatable = <T>(
  details: CallDetails,
  deadline: Deadline,
  attempt: (earlier: Attempt) => Promise<T>,
  repeated: (failed: MemoryError) => void,
): (() => Promise<T>) => {
  let failed: MemoryError | undefined
  let unansweredSince: number | undefined
  const failing = (error: unknown, began: number): MemoryError => {
    if (!(error instanceof MemoryError)) throw error
    // That it was executed stays true, whatever becomes of what is left to do.
    if (failed?.executed === 'yes') return failed
    failed = unansweredSince === undefined ? error : stillUnknown(error, details)
    if (failed.executed !== 'no') unansweredSince ??= began
    return failed
  }
  return () => {
    if (failed !== undefined) {
      if (deadline.remaining < 1) return Promise.reject(failed)
      repeated(failed)
    }
    const began = performance.now()
    return attempt({ unansweredSince }).catch((error: unknown) => {
      throw failing(error, began)
    })
  }
}

/** The error of a later attempt, where an earlier one may have been executed. */
const stillUnknown = (error: MemoryError, details: CallDetails): MemoryError => {
  if (error.executed !== 'no' || !SAYS_NOTHING.has(error.code)) return error
  const message = `an earlier attempt was not answered, and a later one failed: ${error.message}`
  const more = { ...ids(details), cause: error.cause instanceof NotAgain ? error.cause : error }
  return error.code === 'TIMEOUT'
    ? new MemoryTimeoutError(message, 'unknown', more)
    : new MemoryUnavailableError(message, 'unknown', more)
}
