// The sample with GraphQL, in a process of its own: Mercurius requires ES modules, which Jest cannot before Node 24.
// Says where it is in one line of JSON; ends with its input.
import { once } from 'node:events'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { createMemoryTestingModule, RealRedis } from 'nestjs-agent-memory/testing'
import { AppModule } from '../../../sample/05-graphql/src/app.module.js'
import { input } from './input.js'

export interface GraphqlSampleInput {
  /** Of the way to Redis. */
  readonly through: string
}

export interface GraphqlSampleOutput {
  readonly url: string
  readonly namespace: string
}

const { through } = input() as GraphqlSampleInput
// The server of the test run.
const redis = await RealRedis.start()
const { url = '', namespace } = await createMemoryTestingModule<NestFastifyApplication>({
  redis,
  through: { url: through },
  imports: [AppModule],
  createApplication: (module) => module.createNestApplication(new FastifyAdapter(), { logger: false }),
  listen: true,
})
process.stdout.write(`${JSON.stringify({ url, namespace } satisfies GraphqlSampleOutput)}\n`)
process.stdin.resume()
await once(process.stdin, 'end')
await redis.stop()
