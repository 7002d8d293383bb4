import { Inject, Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import {
  Args,
  GraphQLModule,
  Mutation,
  ObjectType,
  Field,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql'
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { MemoryExceptionFilter, MemoryModule, MemoryService } from 'nestjs-agent-memory'

@ObjectType()
class Session {
  @Field(() => String) readonly id!: string
  readonly userId!: string
}

@Resolver(() => Session)
class SessionResolver {
  constructor(@Inject(MemoryService) private readonly memory: MemoryService) {}

  @Query(() => Session, { nullable: true })
  async session(
    @Args('id', { type: () => String }) id: string,
    @Args('userId', { type: () => String }) userId: string,
  ): Promise<Session> {
    await this.memory.session(id, { userId }).info()
    return { id, userId }
  }

  @Query(() => [Session])
  async sessions(@Args('userId', { type: () => String }) userId: string): Promise<Session[]> {
    return [{ id: 'owned', userId }]
  }

  @Mutation(() => Boolean)
  async append(
    @Args('id', { type: () => String }) id: string,
    @Args('userId', { type: () => String }) userId: string,
    @Args('content', { type: () => String }) content: string,
  ): Promise<boolean> {
    await this.memory.session(id, { userId }).append({ role: 'user', content }, { operationId: content })
    return true
  }

  @ResolveField(() => [String], { nullable: true })
  async texts(@Parent() { id, userId }: Session): Promise<string[]> {
    const { messages } = await this.memory.session(id, { userId }).messages()
    return messages.flatMap(({ content }) => (typeof content === 'string' ? [content] : []))
  }
}

@Module({
  imports: [
    MemoryModule.forRoot({
      connection: JSON.parse(process.env['REDIS_CONNECTION'] ?? ''),
      namespace: process.env['NAMESPACE'],
      resilience: { deadline: '400ms' },
    }),
    GraphQLModule.forRoot<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      autoSchemaFile: true,
      fieldResolverEnhancers: ['filters'],
    }),
  ],
  providers: [SessionResolver, { provide: APP_FILTER, useExisting: MemoryExceptionFilter }],
})
class AppModule {}

// In a process of its own: Mercurius requires ES modules, which Jest cannot before Node 24. Ends with its input.
const module = await Test.createTestingModule({ imports: [AppModule] }).compile()
const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: ['error', 'warn'] })
await app.listen(0, '127.0.0.1')
process.stdin.resume().once('end', () => void app.close())
process.stdout.write(`${await app.getUrl()}\n`)
