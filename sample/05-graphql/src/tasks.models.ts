import { ArgsType, Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql'

@ArgsType()
export class SessionArgs {
  @Field(() => ID) readonly sessionId!: string
}

@ArgsType()
export class SayArgs extends SessionArgs {
  @Field(() => String) readonly message!: string
}

@ObjectType()
export class Turn {
  @Field(() => String) readonly reply!: string
  @Field(() => [String]) readonly tasks!: readonly string[]
}

@ObjectType('Message')
export class StoredMessage {
  @Field(() => Int) readonly seq!: number
  @Field(() => String) readonly role!: string
  @Field(() => String) readonly content!: string
  @Field(() => GraphQLISODateTime) readonly createdAt!: Date
}
