import { BadRequestException, Inject, Injectable, type PipeTransform } from '@nestjs/common'
import { DecodeError } from '../../serialization/codec.errors.js'
import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { textOf } from '../../serialization/envelope/bytes.js'
import { Serialization } from '../../serialization/serialization.js'
import { ExactBody } from './exact-body.js'
import { MEMORY_MEDIA_TYPE } from './media-type.js'
import { MemoryJson } from './memory-json.js'

/**
 * Gives a handler the exact values of a body under `application/vnd.agent-memory+json`: Dates, Maps, instances of
 * registered classes. Every other body, and every other parameter, passes as it is. The application lets such bodies in by
 * `useMemoryBody(app)`.
 *
 * Takes the whole body, `@Body() order`: a member, `@Body('price')`, is looked up before pipes run. A
 * MemoryValidationPipe goes behind it, where Nest's ValidationPipe would.
 *
 * A text that cannot be read, or that holds a class which is not registered, is answered by 400 and the reason.
 *
 * @publicApi
 */
@Injectable()
export class MemoryBodyPipe implements PipeTransform {
  private readonly json: MemoryJson

  constructor(@Inject(Serialization) serialization: Serialization) {
    this.json = new MemoryJson(serialization)
  }

  transform(value: unknown): unknown {
    if (!(value instanceof ExactBody)) return value
    try {
      return this.json.decode(textOf(value.bytes))
    } catch (error) {
      const cause = error instanceof MemoryInvalidError ? error.cause : error
      if (!(cause instanceof DecodeError)) throw error
      throw new BadRequestException(`The body is no ${MEMORY_MEDIA_TYPE}: ${cause.reason}`)
    }
  }
}
