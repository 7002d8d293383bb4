import { performance } from 'node:perf_hooks'
import { MemoryConflictError } from '../errors/memory-conflict.error.js'
import { MemoryError } from '../errors/memory.error.js'
import {
  corruptChannel,
  healedChannel,
  journaledChannel,
  lostChannel,
  operationChannel,
  replayedChannel,
  retryChannel,
  setAsideChannel,
  shedChannel,
  underReplicatedChannel,
} from './memory-channels.js'
import type {
  CorruptRecordEvent,
  OperationEvent,
  OperationName,
  SessionLostEvent,
  WriteHealedEvent,
  WriteJournaledEvent,
  WriteReplayedEvent,
  WriteSetAsideEvent,
  WriteUnderReplicatedEvent,
} from './memory-events.js'
import { ObservedOperation, runOperation } from './observed-operation.js'
import type { OpenSpan } from './open-span.js'
import type { OpenTelemetry } from './open-telemetry.js'
import type { Attributes } from './open-telemetry.interface.js'
import { errorType, spanOutcome } from './operation-outcome.js'

/** Whose session a call is for. */
export interface SessionOfCall {
  readonly id: string
  readonly tenant: string | undefined
}

/** What an answer says of how it came about. */
export type Circumstances = Partial<Pick<OperationEvent, 'duplicate' | 'stale' | 'journaled'>>

type Untold<Event extends { readonly memory: string }> = Omit<Event, 'memory'>

interface AttributesOfOperation {
  /** Of its spans, and of its duration. */
  readonly whole: Attributes
  /** Of what is counted beside them. */
  readonly counted: Attributes
}

/** Tells who listens what the calls to one memory do: OpenTelemetry, and the channels of `node:diagnostics_channel`. */
export class MemoryTelemetry {
  private readonly attributes: Attributes
  private readonly byOperation = new Map<OperationName, AttributesOfOperation>()

  constructor(
    private readonly memory: string,
    private readonly server: Attributes,
    private readonly openTelemetry: OpenTelemetry | undefined,
  ) {
    this.attributes = { 'agent_memory.namespace': memory }
  }

  /**
   * Runs a call, which begins at once and settles as it does. Where nobody listens, that is all.
   *
   * @param circumstances of an answer
   */
  observe<T>(
    operation: OperationName,
    session: SessionOfCall,
    work: () => Promise<T>,
    circumstances: (result: T) => Circumstances = () => ({}),
  ): Promise<T> {
    return this.isHeard ? this.run(operation, session, work, circumstances) : work()
  }

  journaled(event: Untold<WriteJournaledEvent>): void {
    this.openTelemetry?.instruments?.journaled.add(1, this.attributes)
    journaledChannel.publish(() => ({ memory: this.memory, ...event }))
  }

  replayed(event: Untold<WriteReplayedEvent>): void {
    this.openTelemetry?.instruments?.replayed.add(1, this.attributes)
    replayedChannel.publish(() => ({ memory: this.memory, ...event }))
  }

  setAside(event: Untold<WriteSetAsideEvent>): void {
    this.openTelemetry?.instruments?.setAside.add(1, this.attributes)
    setAsideChannel.publish(() => ({ memory: this.memory, ...event }))
  }

  healed(event: Untold<WriteHealedEvent>): void {
    this.openTelemetry?.instruments?.healed.add(1, this.attributes)
    healedChannel.publish(() => ({ memory: this.memory, ...event }))
  }

  underReplicated(event: Untold<WriteUnderReplicatedEvent>): void {
    this.openTelemetry?.instruments?.underReplicated.add(1, this.attributes)
    underReplicatedChannel.publish(() => ({ memory: this.memory, ...event }))
  }

  lost(event: Untold<SessionLostEvent>): void {
    this.openTelemetry?.instruments?.lost.add(1, { ...this.attributes, 'agent_memory.loss.reason': event.reason })
    lostChannel.publish(() => ({ memory: this.memory, ...event }))
  }

  corrupt(event: Untold<CorruptRecordEvent>): void {
    this.openTelemetry?.instruments?.corrupt.add(1, { ...this.attributes, 'agent_memory.record.kind': event.kind })
    corruptChannel.publish(() => ({ memory: this.memory, ...event }))
  }

  private get isHeard(): boolean {
    return (
      this.openTelemetry?.isHeard === true ||
      operationChannel.hasSubscribers ||
      retryChannel.hasSubscribers ||
      shedChannel.hasSubscribers
    )
  }

  private async run<T>(
    name: OperationName,
    session: SessionOfCall,
    work: () => Promise<T>,
    circumstances: (result: T) => Circumstances,
  ): Promise<T> {
    const operation = new ObservedOperation(name, this.memory)
    const span = this.openTelemetry?.startSpan(name, this.attributesOf(name).whole)
    const began = performance.now()
    const running = (): Promise<T> => runOperation(operation, work)
    let result: T
    try {
      result = await (span === undefined ? running() : span.run(running))
    } catch (error) {
      this.settled(operation, session, began, span, {}, { error })
      throw error
    }
    this.settled(operation, session, began, span, circumstances(result))
    return result
  }

  private settled(
    operation: ObservedOperation,
    { id: sessionId, tenant }: SessionOfCall,
    began: number,
    span: OpenSpan | undefined,
    { duplicate = false, stale = false, journaled = false }: Circumstances,
    failure?: { readonly error: unknown },
  ): void {
    operation.isOver = true
    const { name, attempts, bytesWritten, bytesRead, ofReplica: replica } = operation
    const { error } = failure ?? {}
    const event: OperationEvent = {
      operation: name,
      memory: this.memory,
      sessionId,
      tenant,
      durationMs: performance.now() - began,
      outcome: failure === undefined ? 'ok' : 'error',
      ...(error instanceof MemoryError && { code: error.code }),
      attempts,
      duplicate,
      // Its answer says `stale` as well: that Redis was away is another matter.
      stale: stale && !replica,
      replica,
      journaled,
      bytesWritten,
      bytesRead,
    }
    // What comes of the call is not for those to change who listen.
    try {
      this.measure(event, error)
      const publish = (): void => operationChannel.publish(() => event)
      if (span === undefined) publish()
      else span.run(publish)
      span?.end(failure !== undefined, () => spanOutcome(event))
    } catch {
      this.openTelemetry?.failed()
    }
  }

  private measure(event: OperationEvent, error: unknown): void {
    const instruments = this.openTelemetry?.instruments
    if (instruments === undefined) return
    const { operation, durationMs, outcome, duplicate, stale, replica, bytesWritten, bytesRead } = event
    const { whole, counted } = this.attributesOf(operation)
    const failure = outcome === 'error' && { 'error.type': errorType(event) }
    const more = replica ? { ...failure, 'agent_memory.replica': true } : failure
    instruments.duration.record(durationMs / 1_000, more ? { ...whole, ...more } : whole)
    if (duplicate) instruments.duplicates.add(1, counted)
    if (stale) instruments.stale.add(1, counted)
    if (error instanceof MemoryConflictError) instruments.conflicts.add(1, { ...counted, ...failure })
    if (bytesWritten > 0) instruments.written.add(bytesWritten, counted)
    if (bytesRead > 0) instruments.read.add(bytesRead, counted)
  }

  /** The same objects each time: none are made for a call that goes well. */
  private attributesOf(operation: OperationName): AttributesOfOperation {
    let attributes = this.byOperation.get(operation)
    if (attributes === undefined) {
      const counted = { 'db.operation.name': operation, ...this.attributes }
      attributes = { counted, whole: { 'db.system.name': 'redis', ...counted, ...this.server } }
      this.byOperation.set(operation, attributes)
    }
    return attributes
  }
}
