import {
  Args,
  Field,
  GraphQLModule,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql'
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import {
  CurrentSession,
  MemoryExceptionFilter,
  MemoryModule,
  OneTurnAtATime,
  RememberTurn,
  UseMemory,
  type AgentSession,
  type RememberedAnswer,
} from 'nestjs-agent-memory'

@ObjectType()
class Word {
  @Field(() => String) text!: string
}

@ObjectType()
class Reply {
  @Field(() => String) text!: string
}

const asked: string[] = []
const textOf = ({ value }: RememberedAnswer): string => (value as Reply).text

@Resolver(() => Reply)
@UseMemory({ session: 'args.session' })
class AgentResolver {
  @Mutation(() => Reply)
  @RememberTurn({ user: 'args.message', assistant: textOf })
  @OneTurnAtATime()
  say(
    @Args('session') _session: string,
    @Args('message') message: string,
    @CurrentSession() session: AgentSession,
  ): Reply {
    asked.push(message)
    return { text: `${session.id}: ${message}` }
  }

  @Query(() => [String])
  asked(): string[] {
    return asked
  }

  /** Called for every reply; the class's decorator stands here as well. */
  @ResolveField(() => [Word])
  words(@Parent() { text }: Reply): Word[] {
    return text.split(' ').map((word) => ({ text: word }))
  }
}

@Resolver(() => Word)
@UseMemory({ session: 'args.none' })
@RememberTurn({ user: 'args.none' })
class WordResolver {
  @ResolveField(() => String)
  loud(@Parent() { text }: Word): string {
    return text.toUpperCase()
  }
}

@Resolver()
@UseMemory({ session: 'headers.X-Session' })
class HistoryResolver {
  @Query(() => [String])
  async said(@CurrentSession() session: AgentSession): Promise<string[]> {
    return (await session.messages()).messages.map(({ role, content }) => `${role} ${content as string}`)
  }
}

const module = await Test.createTestingModule({
  imports: [
    MemoryModule.forRoot({
      connection: JSON.parse(process.env['REDIS_CONNECTION'] ?? ''),
      namespace: process.env['NAMESPACE']!,
    }),
    GraphQLModule.forRoot<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      autoSchemaFile: true,
      fieldResolverEnhancers: ['interceptors'],
    }),
  ],
  providers: [AgentResolver, WordResolver, HistoryResolver],
}).compile()

// In a process of its own: Mercurius requires ES modules, which Jest cannot before Node 24. Ends with its input.
const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false })
app.useGlobalFilters(new MemoryExceptionFilter())
await app.listen(0, '127.0.0.1')
process.stdin.resume().once('end', () => void app.close())
process.stdout.write(`${await app.getUrl()}\n`)
