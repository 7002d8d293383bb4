import { AsyncLocalStorage } from 'node:async_hooks'
import type { OperationName } from './memory-events.js'

/** A call that is under way while somebody listens, with what the layers below have to say of it. */
export class ObservedOperation {
  attempts = 1
  bytesWritten = 0
  bytesRead = 0
  /** Whether a replica answered. */
  ofReplica = false
  /** What it has started, as a new connection, may outlive it. */
  isOver = false

  constructor(
    readonly name: OperationName,
    readonly memory: string,
  ) {}
}

// One for the process: it holds nothing but what runs in it, and costs nothing until something does.
const operations = new AsyncLocalStorage<ObservedOperation>()

/** The call that this is part of; `undefined` also where nobody listens. */
export const currentOperation = (): ObservedOperation | undefined => {
  const operation = operations.getStore()
  return operation?.isOver === true ? undefined : operation
}

export const runOperation = <T>(operation: ObservedOperation, work: () => T): T => operations.run(operation, work)
