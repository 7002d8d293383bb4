import { randomUUID } from 'node:crypto'
import type { Deadline } from '../redis/deadline.js'
import type { Operation } from './operation.js'
import type { SessionRecords } from './session-records.js'
import type { SessionStore } from './session-store.js'

/** A call that writes. */
export interface WriteCall {
  readonly operationId: string
  readonly deadline: Deadline
}

/** Its time begins here; without an operationId of the caller it gets one. */
export const beginWrite = (
  store: SessionStore,
  options: { readonly operationId?: string | undefined } | undefined,
): WriteCall => ({ operationId: options?.operationId ?? randomUUID(), deadline: store.deadline() })

/**
 * Runs a write in its turn, with the key to write with at hand. Nothing is awaited before `write` where nothing has to be, so
 * that calls that are not awaited keep their order.
 *
 * @param kind of the write, and `canonical`, what the caller gave: as of `operation`
 * @throws MemoryError
 */
export const writeInOrder = <Result>(
  store: SessionStore,
  records: SessionRecords,
  { operationId, deadline }: WriteCall,
  kind: string,
  canonical: string,
  write: (named: Operation) => Promise<Result>,
): Promise<Result> =>
  store.inOrder(operationId, deadline, records.oneByOne, async () => {
    const ready = records.prepareToWrite(deadline, operationId)
    if (ready !== undefined) await ready
    return write(records.operation(operationId, kind, canonical))
  })
