import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import type { CallDetails } from '../redis/classify-error.js'
import { DeadlineExceeded, type Deadline } from '../redis/deadline.js'
import { KeyUnavailable } from '../serialization/envelope/key-unavailable.js'
import type { RecordCodec } from '../serialization/record-codec.js'
import type { CorruptLedger } from './corrupt-ledger.js'
import { operation, type Operation } from './operation.js'
import { RecordReader } from './record-reader.js'
import type { SessionTarget } from './session-store.js'
import type { StateSchema } from './state-schema/state-schema.interface.js'

/** What the records of one session hold: written and read by every part of it. */
export class SessionRecords {
  constructor(
    readonly codec: RecordCodec,
    readonly schema: StateSchema | undefined,
    private readonly ledger: CorruptLedger,
    private readonly target: SessionTarget,
  ) {}

  /** For the records of one answer. */
  reader(): RecordReader {
    return new RecordReader(this.codec, this.ledger, this.target)
  }

  /**
   * Whether the writes of a session have to go one by one, because they rest on what Redis answers or on something else to
   * wait for. Otherwise nothing is awaited before a write is sent, so that calls that are not awaited keep their order.
   */
  get oneByOne(): boolean {
    return this.schema !== undefined || this.codec.envelope.encrypts
  }

  /**
   * Gets the keys the payloads stand under, and the one to write with; `undefined` when there is nothing to wait for.
   *
   * @throws MemoryUnavailableError when the KeyProvider fails; MemoryTimeoutError
   */
  prepare(
    deadline: Deadline,
    payloads?: Iterable<string>,
    details: CallDetails = this.reading,
  ): Promise<void> | undefined {
    const ready = this.codec.envelope.prepare(payloads)
    return ready === undefined
      ? undefined
      : deadline.race(ready).catch((error: unknown) => {
          if (!(error instanceof DeadlineExceeded)) throw this.unavailable(error, details)
          throw new MemoryTimeoutError(`the provider of encryption keys gave ${error.message}`, 'no', details)
        })
  }

  /** The same, for a write. */
  prepareToWrite(deadline: Deadline, operationId: string): Promise<void> | undefined {
    return this.prepare(deadline, undefined, this.writing(operationId))
  }

  /**
   * The operation of a write, as its scripts know it.
   *
   * @throws MemoryUnavailableError when there is no key to write with
   */
  operation(id: string, kind: string, payload: string): Operation {
    try {
      return operation(id, kind, payload, (text) => this.codec.envelope.digests(text))
    } catch (error) {
      throw this.unavailable(error, this.writing(id))
    }
  }

  private get reading(): CallDetails {
    return { kind: 'read', sessionId: this.target.id }
  }

  private writing(operationId: string): CallDetails {
    return { kind: 'write', sessionId: this.target.id, operationId }
  }

  private unavailable(error: unknown, details: CallDetails): unknown {
    if (!(error instanceof KeyUnavailable)) return error
    return new MemoryUnavailableError('an encryption key cannot be had', 'no', { ...details, cause: error })
  }
}
