import { Transform } from 'class-transformer'
import { IsIn, IsNotEmpty, IsObject, IsString, ValidateIf } from 'class-validator'

export class SendMessageDto {
  /** `user` asks the agent. `assistant` records what a member of staff answered: the model is not called. */
  @IsIn(['user', 'assistant'])
  readonly role: 'user' | 'assistant' = 'user'

  @IsString()
  @IsNotEmpty()
  readonly content!: string

  /** Slots the caller already knows; each replaces the slot of its name. */
  @ValidateIf((_dto: object, value: unknown) => value !== undefined)
  @IsObject()
  // As it came: without this, class-transformer would rebuild every value in it.
  @Transform(({ obj }: { obj: { state?: unknown } }) => obj.state)
  readonly state?: Record<string, unknown>
}
