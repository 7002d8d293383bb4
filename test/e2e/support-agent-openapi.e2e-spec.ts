import { expect, it } from '@jest/globals'
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger'
import { Test } from '@nestjs/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'

const integer = (name: string, minimum: number) =>
  expect.objectContaining({
    name,
    in: 'query',
    required: false,
    schema: expect.objectContaining({ type: 'integer', minimum }),
  })

it('the queries of the support agent are in its OpenAPI document', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile()
  // Never started: it looks for no Redis.
  const app = module.createNestApplication({ logger: false })
  const { paths } = SwaggerModule.createDocument(app, new DocumentBuilder().build())
  const queriesOf = (path: string): unknown =>
    paths[path]?.get?.parameters?.filter((parameter) => 'in' in parameter && parameter.in === 'query')
  expect(queriesOf('/agents/{sessionId}/messages')).toEqual([
    integer('last', 1),
    integer('after', 0),
    integer('before', 1),
    integer('limit', 1),
  ])
  expect(queriesOf('/agents/{sessionId}/context')).toEqual([
    integer('maxTokens', 1),
    integer('last', 1),
    integer('turns', 1),
  ])
  await app.close()
})
