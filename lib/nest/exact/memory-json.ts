import { Inject, Injectable } from '@nestjs/common'
import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { DecodeError } from '../../serialization/codec.errors.js'
import { below, withPath } from '../../serialization/record-error.js'
import { Serialization } from '../../serialization/serialization.js'
import { MEMORY_MEDIA_TYPE } from './media-type.js'

/** What the codec puts in front of a text with tags. The media type says the same, and leaves JSON behind it. */
const MARKER = '~'

/**
 * The text form of exact values for HTTP, as MemoryBodyPipe reads and MemorySerializationInterceptor writes it; for a client
 * that is an application of Nest too.
 *
 *     const response = await fetch(url, { method: 'POST', headers: { 'content-type': json.mediaType }, body: json.encode(value) })
 *     const answer = json.decode(await response.text())
 *
 * @publicApi
 */
@Injectable()
export class MemoryJson {
  readonly mediaType = MEMORY_MEDIA_TYPE

  constructor(@Inject(Serialization) private readonly serialization: Serialization) {}

  /**
   * JSON text, with tags for what JSON has no word for.
   *
   * @throws MemorySerializationError with the path of a value that cannot be said exactly
   */
  encode(value: unknown): string {
    const text = withPath(() => this.serialization.codec.encode(value), below('value'))
    return text.startsWith(MARKER) ? text.slice(MARKER.length) : text
  }

  /**
   * The value, with classes that are registered.
   *
   * @throws MemoryInvalidError for a text that is none of `encode`, with the reason and without its content
   */
  decode(text: string): unknown {
    try {
      return this.serialization.codec.decode(MARKER + text)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      throw new MemoryInvalidError(
        { path: 'text', given: `a text that cannot be read (${error.reason})`, allowed: MEMORY_MEDIA_TYPE },
        { cause: error },
      )
    }
  }
}
