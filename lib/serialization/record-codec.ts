import { DecodeError } from './codec.errors.js'
import type { Codec } from './codec.interface.js'
import type { Envelope } from './envelope/envelope.interface.js'
import { escapeReplacement, hasReplacement } from './replacement-character.js'

/**
 * The payloads of the records under one key: a value as text by the codec, and the text sealed by the envelope for the place
 * where it is to stand.
 *
 * `bound` is what of a record's header belongs to the payload: an encrypted payload opens only beside it.
 */
export class RecordCodec {
  constructor(
    readonly codec: Codec,
    readonly envelope: Envelope,
    private readonly key: string,
  ) {}

  seal(text: string, field: string, bound: string): string {
    return this.envelope.seal(escapeReplacement(text), this.place(field, bound))
  }

  /** @throws DecodeError */
  open(payload: string, field: string, bound: string): string {
    if (hasReplacement(payload)) throw new DecodeError('not UTF-8')
    return this.envelope.open(payload, this.place(field, bound))
  }

  /** @throws DecodeError */
  decode(payload: string, field: string, bound: string): unknown {
    return this.codec.decode(this.open(payload, field, bound))
  }

  /** What is not encrypted is bound to none. None of the three can hold a line feed. */
  private place(field: string, bound: string): string {
    return this.envelope.encrypts ? `${this.key}\n${field}\n${bound}` : ''
  }
}
