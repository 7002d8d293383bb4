import { Args, Mutation, Query, Resolver } from '@nestjs/graphql'
import {
  CurrentLock,
  History,
  OneTurnAtATime,
  RememberTurn,
  SessionState,
  UseMemory,
  type Message,
  type SessionLock,
} from 'nestjs-agent-memory'
import { Assistant, type Tasks } from './assistant.js'
import { SayArgs, SessionArgs, StoredMessage, Turn } from './tasks.models.js'

// The header keeps the sample short. In an application, `user` is a function that answers whom a guard has verified.
@Resolver()
@UseMemory({ session: 'args.sessionId', user: 'headers.x-user-id' })
export class TasksResolver {
  constructor(private readonly assistant: Assistant) {}

  @Mutation(() => Turn)
  @OneTurnAtATime()
  @RememberTurn({ user: 'args.message', assistant: ({ value }) => (value as Turn).reply })
  say(
    @Args() { message }: SayArgs,
    @SessionState('tasks') tasks: Tasks['tasks'] = [],
    @CurrentLock() lock: SessionLock,
  ): Promise<Turn> {
    return this.assistant.answer(message, tasks, lock)
  }

  @Query(() => [StoredMessage])
  messages(@Args() _session: SessionArgs, @History({ turns: 20 }) messages: Message[]): Message[] {
    return messages
  }
}
