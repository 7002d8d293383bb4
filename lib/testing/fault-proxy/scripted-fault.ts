import type { Request } from './request.js'

/**
 * What happens to a command:
 * - `'drop-reply'`: it is executed, its reply is lost, and the connection is reset
 * - `'tear-reply'`: the same, but the first byte of the reply arrives
 * - `'cut-before'`: the connection is reset and nothing of the command has reached the server
 * - `'tear-request'`: half of it reaches the server, which does not execute it, and the connection is reset
 * - `'blackhole'`: from this command on the proxy is a black hole, until `restore()`
 * - `'delay'`: it reaches the server later, and so does what its connection sends behind it
 *
 * @publicApi
 */
export type FaultAction = 'drop-reply' | 'tear-reply' | 'cut-before' | 'tear-request' | 'blackhole' | 'delay'

/**
 * Which commands a scripted fault is for; without `command` and `when`, every command.
 *
 * @publicApi
 */
export interface FaultTrigger {
  /** The name of a command, in any case: `'EVALSHA'`. */
  readonly command?: string
  /** Gets what stands behind the name of the command. */
  readonly when?: (args: readonly string[]) => boolean
  /**
   * The how-manieth of these commands, counted over all connections from the call on.
   *
   * @default 1
   */
  readonly nth?: number
  /**
   * How many of them in a row.
   *
   * @default 1
   */
  readonly times?: number
}

/**
 * A fault that waits for its command.
 *
 * @publicApi
 */
export interface ScriptedFault {
  /** How often it happened. */
  readonly hits: number
  /** Takes it back. */
  readonly remove: () => void
}

/** @internal */
export class FaultScript {
  hits = 0
  #seen = 0

  constructor(
    private readonly trigger: FaultTrigger,
    readonly action: FaultAction,
    readonly delayMs: number,
  ) {}

  /** Counts the command if it is one of those. @returns whether it is the one that the fault waits for */
  isFor(request: Request): boolean {
    const { command, when, nth = 1, times = 1 } = this.trigger
    if (command !== undefined && command.toUpperCase() !== request.name) return false
    if (when !== undefined && !when(request.args)) return false
    this.#seen += 1
    return this.#seen >= nth && this.#seen < nth + times
  }
}
