import { UseInterceptors } from '@nestjs/common'
import {
  createUnionType,
  Field,
  Float,
  GraphQLModule,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql'
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius'
import { Exclude } from 'class-transformer'
import { Decimal } from 'decimal.js'
import { memoryFieldMiddleware } from '../../../../lib/nest/memory-field-middleware.js'
import { MemorySerializationInterceptor } from '../../../../lib/nest/memory-serialization.interceptor.js'
import { Serialization } from '../../../../lib/serialization/serialization.js'
import { startHttpApp } from '../http-app.js'
import { SerializationModule } from '../serialization.module.js'

const at = new Date('2026-03-01T10:20:30.400Z')

@ObjectType()
class Order {
  @Field(() => Date) readonly at: Date = at
  @Field(() => String) readonly total: Decimal = new Decimal('12.50')
  @Field(() => String) readonly big: bigint = 12_345_678_901_234_567_890n
  @Field(() => String) readonly bytes: Buffer = Buffer.from('hé')
  @Field(() => [[String]]) readonly notes: Map<string, string> = new Map([['a', 'b']])
  @Exclude() readonly secret = 'kept for field resolvers'
  readonly #count = 2

  @Field(() => Float) get count(): number {
    return this.#count
  }
}

@ObjectType()
class Person {
  @Field(() => String) readonly name = 'Ada'
}

const Party = createUnionType({ name: 'Party', types: () => [Order, Person] as const })

@ObjectType()
class Report {
  @Field(() => Date) readonly at!: Date
  @Field(() => String) readonly total!: Decimal
  @Field(() => [String]) readonly tags!: Set<bigint>
  @Field(() => [Order]) readonly orders!: Order[]
  @Field(() => [Party]) readonly parties!: (Order | Person)[]
}

@Resolver(() => Order)
@UseInterceptors(MemorySerializationInterceptor)
class OrderResolver {
  @Query(() => Order)
  order(): Order {
    return new Order()
  }

  @Query(() => Report)
  report(): unknown {
    return {
      at,
      total: new Decimal('0.10'),
      tags: new Set([1n]),
      orders: [new Order()],
      parties: [new Person(), new Order()],
    }
  }

  @Query(() => [String])
  totals(): unknown {
    return new Set([new Decimal('1.50'), 2n])
  }

  @ResolveField(() => String)
  double(@Parent() order: Order): string {
    return `${order.total.times(2).toFixed(2)} ${order.secret} ${order.count}`
  }

  @ResolveField(() => [String])
  bigs(@Parent() order: Order): unknown {
    return new Set([order.big])
  }

  @ResolveField(() => [Date])
  dates(@Parent() order: Order): unknown {
    return [order.at]
  }
}

const withMiddleware = process.env['FIELD_MIDDLEWARE'] === 'yes'

const graphql = GraphQLModule.forRootAsync<MercuriusDriverConfig>({
  driver: MercuriusDriver,
  imports: [SerializationModule],
  inject: [Serialization],
  useFactory: (serialization: Serialization) => ({
    autoSchemaFile: true,
    fieldResolverEnhancers: ['interceptors'],
    buildSchemaOptions: { fieldMiddleware: withMiddleware ? [memoryFieldMiddleware(serialization)] : [] },
  }),
})

// In a process of its own: Mercurius requires ES modules, which Jest cannot before Node 24. Ends with its input.
const { app, url } = await startHttpApp('fastify', { imports: [graphql], providers: [OrderResolver] })
process.stdin.resume().once('end', () => void app.close())
process.stdout.write(`${url}\n`)
