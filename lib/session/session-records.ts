import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import type { CallDetails } from '../redis/classify-error.js'
import { DeadlineExceeded, type Deadline } from '../redis/deadline.js'
import { KeyUnavailable } from '../serialization/envelope/key-unavailable.js'
import type { RecordCodec } from '../serialization/record-codec.js'
import type { Types } from '../serialization/types/registered-type.interface.js'
import type { CorruptLedger } from './corrupt-ledger.js'
import { operation, type Operation, type OperationTerms } from './operation.js'
import { RecordReader } from './record-reader.js'
import type { SessionTarget } from './session-target.interface.js'
import type { StateSchema } from './state-schema/state-schema.interface.js'

/** What the records of one session hold: written and read by every part of it. */
export class SessionRecords {
  constructor(
    readonly codec: RecordCodec,
    readonly types: Types,
    private readonly schema: StateSchema | undefined,
    private readonly ledger: CorruptLedger,
    private readonly target: SessionTarget,
  ) {}

  /** For the records of one answer. */
  reader(): RecordReader {
    return new RecordReader(this.codec, this.ledger, this.target)
  }

  /** For those of an answer that may be old: what cannot be read may have been replaced, and is nothing to keep in mind. */
  readerOfReplica(): RecordReader {
    return new RecordReader(this.codec, undefined, this.target)
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
    return ready === undefined ? undefined : this.within(deadline, ready, 'the provider of encryption keys', details)
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
  operation(id: string, kind: string, payload: string, terms: OperationTerms): Operation {
    try {
      return operation(id, kind, payload, (text) => this.codec.envelope.digests(text), terms)
    } catch (error) {
      throw this.unavailable(error, this.writing(id))
    }
  }

  /** Whether state has a schema: then a part of an object cannot be written by itself. */
  get typed(): boolean {
    return this.schema !== undefined
  }

  /**
   * Begins to check values at once, before the caller can change them; `undefined` where state has no schema.
   *
   * @throws MemoryInvalidError; MemoryTimeoutError
   */
  check(
    values: Readonly<Record<string, unknown>>,
    deadline: Deadline,
    operationId?: string,
  ): Promise<void> | undefined {
    return this.schema === undefined
      ? undefined
      : this.within(deadline, this.schema.check(values), 'the schema of state', this.writing(operationId))
  }

  /** Why values that were read do not fit the schema, by field. @throws MemoryTimeoutError */
  async misfits(values: ReadonlyMap<string, unknown>, deadline: Deadline): Promise<ReadonlyMap<string, string>> {
    if (this.schema === undefined || values.size === 0) return new Map()
    return this.within(deadline, this.schema.problems(values), 'the schema of state', this.reading)
  }

  private async within<T>(deadline: Deadline, promise: Promise<T>, who: string, details: CallDetails): Promise<T> {
    try {
      return await deadline.race(promise)
    } catch (error) {
      if (error instanceof DeadlineExceeded) throw new MemoryTimeoutError(`${who} gave ${error.message}`, 'no', details)
      throw this.unavailable(error, details)
    }
  }

  private get reading(): CallDetails {
    return { kind: 'read', sessionId: this.target.id }
  }

  private writing(operationId: string | undefined): CallDetails {
    return { kind: 'write', sessionId: this.target.id, operationId }
  }

  private unavailable(error: unknown, details: CallDetails): unknown {
    if (!(error instanceof KeyUnavailable)) return error
    return new MemoryUnavailableError('an encryption key cannot be had', 'no', { ...details, cause: error })
  }
}
