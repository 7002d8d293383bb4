import { AsyncLocalStorage } from 'node:async_hooks'
import type { AgentSession } from '../session/agent-session.interface.js'
import type { SessionLock } from '../session/lock/session-lock.interface.js'

/** A session that was opened for one call to the application, and in which memory. */
export interface OpenedSession {
  /** Of the memory; `undefined` for the one of forRoot. */
  readonly name: string | undefined
  readonly memory: object
  readonly session: AgentSession
  /** Set while the call holds the session's lock. */
  lock?: SessionLock
}

/** One call to the application (a request, a message, a resolver) with the sessions that were opened for it. */
export class MemoryCall {
  constructor(
    /** The ExecutionContext of the call. */
    readonly context: object,
    private readonly opened: readonly OpenedSession[],
  ) {}

  /** The session of a memory by its name; the only one there is, where no name is given. */
  named(name: string | undefined): OpenedSession | undefined {
    const found = this.opened.find((opened) => opened.name === name)
    return found ?? (name === undefined && this.opened.length === 1 ? this.opened[0] : undefined)
  }

  /** The session in this very memory. */
  in(memory: object): OpenedSession | undefined {
    return this.opened.find((opened) => opened.memory === memory)
  }
}

// One for the process: parameter decorators have nothing but the call they run in. It holds no state of its own.
const calls = new AsyncLocalStorage<MemoryCall>()

/** The call that is under way here; what was started by it is part of it. */
export const currentCall = (): MemoryCall | undefined => calls.getStore()

/** Runs `work`, and all it starts, as part of the call. */
export const runInCall = <T>(call: MemoryCall, work: () => T): T => calls.run(call, work)
