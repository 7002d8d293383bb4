import { describe, expect, it } from '@jest/globals'
import { Body, Controller, Get, Post, Query, type Type } from '@nestjs/common'
import { DocumentBuilder, OmitType, PartialType, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger'
import { Test } from '@nestjs/testing'
import { getMetadataStorage, IsInt } from 'class-validator'
import { AppendMessageDto, ContextQueryDto, ListMessagesDto } from 'nestjs-agent-memory/dto'

const documentOf = async (controller: Type): Promise<OpenAPIObject> => {
  const module = await Test.createTestingModule({ controllers: [controller] }).compile()
  const app = module.createNestApplication({ logger: false })
  try {
    return SwaggerModule.createDocument(app, new DocumentBuilder().build())
  } finally {
    await app.close()
  }
}

@Controller()
class MessagesController {
  @Post('messages')
  append(@Body() message: AppendMessageDto) {
    return message
  }

  @Get('messages')
  messages(@Query() query: ListMessagesDto) {
    return query
  }

  @Get('context')
  context(@Query() query: ContextQueryDto) {
    return query
  }
}

const number = (name: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER) => ({
  name,
  in: 'query',
  required: false,
  description: expect.any(String),
  schema: { type: 'integer', minimum, maximum },
})

describe('the DTOs in an OpenAPI document', () => {
  it('AppendMessageDto is a schema', async () => {
    const { paths, components } = await documentOf(MessagesController)
    expect(paths['/messages']?.post?.requestBody).toEqual({
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/AppendMessageDto' } } },
    })
    expect(components?.schemas).toEqual({
      AppendMessageDto: {
        type: 'object',
        required: ['content'],
        properties: {
          role: { type: 'string', enum: ['user', 'assistant'], default: 'user', description: expect.any(String) },
          content: { type: 'string', minLength: 1, description: expect.any(String) },
          id: { type: 'string', minLength: 1, maxLength: 256, description: expect.any(String) },
          metadata: { type: 'object', additionalProperties: true, description: expect.any(String) },
        },
      },
    })
  })

  it('ListMessagesDto and ContextQueryDto are the parameters of a query', async () => {
    const { paths } = await documentOf(MessagesController)
    expect(paths['/messages']?.get?.parameters).toEqual([
      number('last', 1, 1_000),
      number('after', 0),
      number('before', 1),
      number('limit', 1, 1_000),
    ])
    expect(paths['/context']?.get?.parameters).toEqual([
      number('maxTokens', 1),
      number('last', 1, 1_000),
      number('turns', 1, 1_000),
    ])
  })

  it('hand on what they say to classes made of them', async () => {
    class NumberedMessageDto extends AppendMessageDto {
      @IsInt()
      number!: number

      static override _OPENAPI_METADATA_FACTORY() {
        return { number: { required: true, type: () => Number } }
      }
    }
    class SaidDto extends OmitType(AppendMessageDto, ['role', 'id'] as const) {}
    class ChangeDto extends PartialType(AppendMessageDto) {}
    @Controller()
    class MadeController {
      @Post('numbered') numbered(@Body() body: NumberedMessageDto) {
        return body
      }
      @Post('said') said(@Body() body: SaidDto) {
        return body
      }
      @Post('change') change(@Body() body: ChangeDto) {
        return body
      }
    }
    const { components } = await documentOf(MadeController)
    expect(components?.schemas).toMatchObject({
      NumberedMessageDto: {
        required: ['content', 'number'],
        properties: { number: {}, role: {}, content: {}, id: {} },
      },
      SaidDto: { required: ['content'], properties: { content: { minLength: 1 }, metadata: { type: 'object' } } },
      ChangeDto: { properties: { role: {}, content: { minLength: 1 }, id: {}, metadata: {} } },
    })
    expect(components?.schemas?.['SaidDto']).not.toHaveProperty('properties.role')
    expect(components?.schemas?.['ChangeDto']).not.toHaveProperty('required')
  })
})

/** What a rule of class-validator is called in a schema, with its first argument or its arguments. */
const KEYWORDS: Readonly<Record<string, (constraints: readonly unknown[]) => object>> = {
  min: ([minimum]) => ({ minimum }),
  max: ([maximum]) => ({ maximum }),
  minLength: ([minLength]) => ({ minLength }),
  isLength: ([minLength, maxLength]) => ({ minLength, maxLength }),
  isIn: ([values]) => ({ enum: values }),
  isInt: () => ({ type: 'integer' }),
  isString: () => ({}),
  isObject: () => ({ type: 'object' }),
  notBeside: () => ({}),
  conditionalValidation: () => ({ required: false }),
}

const dtos = [AppendMessageDto, ContextQueryDto, ListMessagesDto].map((dto) => [dto.name, dto] as const)

describe.each(dtos)('what %s says to OpenAPI', (_name, dto) => {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)
  const said = dto['_OPENAPI_METADATA_FACTORY']()

  it('is of all that is validated', () => {
    expect(Object.keys(said).toSorted()).toEqual([...new Set(rules.map((rule) => rule.propertyName))].toSorted())
  })

  it('is what is validated', () => {
    for (const { name, type, propertyName, constraints } of rules) {
      const rule = type === 'conditionalValidation' ? type : name
      expect(said[propertyName]).toMatchObject(KEYWORDS[rule ?? '']?.(constraints) ?? { 'no keyword for': rule })
    }
  })
})
