import { Transform } from 'class-transformer'
import { IsIn, IsObject, IsString, Length, MinLength } from 'class-validator'
import { MayBeAbsent } from './may-be-absent.decorator.js'
import type { OpenApiProperties } from './openapi-properties.interface.js'

/**
 * The body of a request that appends one message; `session.append` takes it as it is.
 *
 * A client speaks as the user or hands in what the assistant said. It does not speak as `system` or `tool`: who may write
 * those steers the agent. A route for trusted callers can extend the class.
 *
 * @publicApi
 */
export class AppendMessageDto {
  /** @default 'user' */
  @IsIn(['user', 'assistant'])
  role: 'user' | 'assistant' = 'user'

  /** At least 1 character. */
  @IsString()
  @MinLength(1)
  content!: string

  /** The caller's own id of the message; 1 to 256 characters. */
  @MayBeAbsent()
  @IsString()
  @Length(1, 256)
  id?: string

  /** Further data to keep with the message. */
  // As it came: class-transformer leaves out names that every object has, as `toString`.
  @Transform(({ obj }: { obj: { readonly metadata?: unknown } }) => obj.metadata)
  @MayBeAbsent()
  @IsObject()
  metadata?: Record<string, unknown>

  /** @internal */
  static _OPENAPI_METADATA_FACTORY(): OpenApiProperties {
    return {
      role: { required: false, enum: ['user', 'assistant'], default: 'user', description: 'Who said it' },
      content: { required: true, type: () => String, minLength: 1, description: 'What was said' },
      id: {
        required: false,
        type: () => String,
        minLength: 1,
        maxLength: 256,
        description: "The caller's own id of the message",
      },
      metadata: {
        required: false,
        type: 'object',
        additionalProperties: true,
        description: 'Further data to keep with the message',
      },
    }
  }
}
