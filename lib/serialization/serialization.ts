import type { Codec } from './codec.interface.js'
import type { Envelope } from './envelope/envelope.interface.js'
import { RecordCodec } from './record-codec.js'
import type { Types } from './types/registered-type.interface.js'

/**
 * How values become what stands in Redis, and back. Injected to make a MemoryValidationPipe or memoryFieldMiddleware; its
 * members are internal.
 *
 * @publicApi
 */
export class Serialization {
  constructor(
    readonly types: Types,
    readonly codec: Codec,
    readonly envelope: Envelope,
  ) {}

  /** For the records under a key. */
  of(key: string): RecordCodec {
    return new RecordCodec(this.codec, this.envelope, key)
  }
}
