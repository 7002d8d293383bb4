import type { MemoryErrorCode } from '../errors/memory.error.js'
import type { ConnectionOptions } from '../options/memory-options.interface.js'
import { breakerChannel, retryChannel, shedChannel } from './memory-channels.js'
import type { BreakerEvent, ShedEvent } from './memory-events.js'
import { MemoryTelemetry } from './memory-telemetry.js'
import { currentOperation, type ObservedOperation } from './observed-operation.js'
import { OpenTelemetry } from './open-telemetry.js'
import type { Attributes } from './open-telemetry.interface.js'
import { serverAttributes } from './server-attributes.js'

const eventOf = (operation: ObservedOperation | undefined, sessionId: string | undefined): ShedEvent =>
  operation === undefined ? { sessionId } : { operation: operation.name, memory: operation.memory, sessionId }

const attributesOf = (operation: ObservedOperation | undefined): Attributes =>
  operation === undefined ? {} : { 'db.operation.name': operation.name, 'agent_memory.namespace': operation.memory }

/** Tells who listens what becomes of calls on their way to the server, whichever memory they are for. */
export class ConnectionTelemetry {
  private readonly openTelemetry = OpenTelemetry.load()
  private readonly server: Attributes

  constructor(connection: ConnectionOptions) {
    this.server = serverAttributes(connection)
  }

  /** For the calls to one memory. @param memory its namespace */
  of(memory: string): MemoryTelemetry {
    return new MemoryTelemetry(memory, this.server, this.openTelemetry)
  }

  /** A call is tried again. @param code of the error it had */
  retried(sessionId: string | undefined, code: MemoryErrorCode): void {
    const operation = currentOperation()
    if (operation !== undefined) operation.attempts++
    this.openTelemetry?.instruments?.retries.add(1, { ...attributesOf(operation), 'error.type': code })
    retryChannel.publish(() => ({ ...eventOf(operation, sessionId), code }))
  }

  /** A call was turned away, because too much was under way. */
  shed(sessionId: string | undefined): void {
    const operation = currentOperation()
    this.openTelemetry?.instruments?.shed.add(1, attributesOf(operation))
    shedChannel.publish(() => eventOf(operation, sessionId))
  }

  /** The breaker has come to this state. */
  breaker(state: BreakerEvent['state']): void {
    this.openTelemetry?.instruments?.breaker.add(1, { 'agent_memory.breaker.state': state })
    breakerChannel.publish(() => ({ state }))
  }
}
