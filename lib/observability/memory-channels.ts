import { channel, type Channel } from 'node:diagnostics_channel'
import type {
  BreakerEvent,
  CorruptRecordEvent,
  OperationEvent,
  RetryEvent,
  SessionLostEvent,
  ShedEvent,
  WriteHealedEvent,
  WriteJournaledEvent,
  WriteReplayedEvent,
  WriteSetAsideEvent,
  WriteUnderReplicatedEvent,
} from './memory-events.js'

/** A channel of `node:diagnostics_channel` with one type of event. */
export class MemoryChannel<Event extends object> {
  private readonly channel: Channel

  constructor(name: string) {
    this.channel = channel(`nestjs-agent-memory:${name}`)
  }

  get hasSubscribers(): boolean {
    return this.channel.hasSubscribers
  }

  /** @param event made only where somebody listens */
  publish(event: () => Event): void {
    if (this.channel.hasSubscribers) this.channel.publish(event())
  }
}

export const operationChannel = new MemoryChannel<OperationEvent>('operation')
export const retryChannel = new MemoryChannel<RetryEvent>('retry')
export const shedChannel = new MemoryChannel<ShedEvent>('shed')
export const breakerChannel = new MemoryChannel<BreakerEvent>('breaker')
export const journaledChannel = new MemoryChannel<WriteJournaledEvent>('journaled')
export const replayedChannel = new MemoryChannel<WriteReplayedEvent>('replayed')
export const setAsideChannel = new MemoryChannel<WriteSetAsideEvent>('set-aside')
export const healedChannel = new MemoryChannel<WriteHealedEvent>('healed')
export const underReplicatedChannel = new MemoryChannel<WriteUnderReplicatedEvent>('under-replicated')
export const lostChannel = new MemoryChannel<SessionLostEvent>('lost')
export const corruptChannel = new MemoryChannel<CorruptRecordEvent>('corrupt')
