import { describe, expect, it } from '@jest/globals'
import { BadRequestException, ValidationPipe, type ArgumentMetadata, type Type } from '@nestjs/common'
import { AppendMessageDto, ContextQueryDto, ListMessagesDto } from 'nestjs-agent-memory/dto'
import { validateMessages } from '../../../lib/session/validation/validate-message.js'

const pipes = [
  ['transform', new ValidationPipe({ transform: true })],
  ['transform and whitelist', new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true })],
  [
    'transform with implicit conversion',
    new ValidationPipe({ transform: true, transformOptions: { enableImplicitConversion: true } }),
  ],
] as const

const through = async (pipe: ValidationPipe, metatype: Type, type: ArgumentMetadata['type'], value: unknown) => {
  const result: unknown = await pipe.transform(value, { type, metatype })
  return result
}

describe.each(pipes)('DTOs through ValidationPipe (%s)', (_name, pipe) => {
  describe('AppendMessageDto', () => {
    it('defaults the role to user and is what append takes', async () => {
      const dto = await through(pipe, AppendMessageDto, 'body', { content: 'Hello' })
      expect(dto).toBeInstanceOf(AppendMessageDto)
      expect(dto).toMatchObject({ role: 'user', content: 'Hello' })
      expect(validateMessages(dto)).toEqual([dto])
    })

    it('keeps role, id and metadata', async () => {
      const body = { role: 'assistant', content: 'Hi', id: 'm-1', metadata: { channel: 'web', tags: ['a'] } }
      expect(await through(pipe, AppendMessageDto, 'body', body)).toMatchObject(body)
    })

    it('keeps metadata as it came, whatever its names', async () => {
      const metadata = { toString: 'a', valueOf: 1, deep: [{ hasOwnProperty: true, b: 1 }] }
      const dto = await through(pipe, AppendMessageDto, 'body', { content: 'a', metadata })
      expect((dto as AppendMessageDto).metadata).toEqual(metadata)
    })

    it.each([
      ['no content', {}],
      ['empty content', { content: '' }],
      ['content of null', { content: null }],
      ['a system role', { role: 'system', content: 'a' }],
      ['a tool role', { role: 'tool', content: 'a' }],
      ['a role of null', { role: null, content: 'a' }],
      ['an empty id', { id: '', content: 'a' }],
      ['a long id', { id: 'x'.repeat(257), content: 'a' }],
      ['an id of null', { id: null, content: 'a' }],
      ['metadata that is a text', { metadata: 'web', content: 'a' }],
      ['metadata that is an array', { metadata: [1], content: 'a' }],
    ])('refuses %s', async (_case, body) => {
      await expect(through(pipe, AppendMessageDto, 'body', body)).rejects.toBeInstanceOf(BadRequestException)
    })
  })

  describe('ListMessagesDto', () => {
    it('makes numbers of the texts of a query', async () => {
      expect(await through(pipe, ListMessagesDto, 'query', { last: '20' })).toEqual({ last: 20 })
      expect(await through(pipe, ListMessagesDto, 'query', { last: '1000' })).toEqual({ last: 1_000 })
      expect(await through(pipe, ListMessagesDto, 'query', { after: '0', before: '9', limit: '5' })).toEqual({
        after: 0,
        before: 9,
        limit: 5,
      })
    })

    it('takes an empty query', async () => {
      const dto = await through(pipe, ListMessagesDto, 'query', {})
      expect(dto).toBeInstanceOf(ListMessagesDto)
      expect(dto).toEqual({})
    })

    it.each([
      { last: '0' },
      { last: '-1' },
      { last: '1.5' },
      { last: 'abc' },
      { last: '' },
      { last: 'NaN' },
      { last: '1'.repeat(17) },
      { last: '1001' },
      { after: '1', limit: '1001' },
      { last: ['1', '2'] },
      { after: '-1' },
      { before: '0' },
      { limit: '0' },
      { last: '2', after: '1' },
      { last: '2', before: '1' },
      { last: '2', limit: '1' },
    ])('refuses %j', async (query) => {
      await expect(through(pipe, ListMessagesDto, 'query', query)).rejects.toBeInstanceOf(BadRequestException)
    })
  })

  describe('ContextQueryDto', () => {
    it('makes numbers of the texts of a query', async () => {
      expect(await through(pipe, ContextQueryDto, 'query', { maxTokens: '4000', last: '7' })).toEqual({
        maxTokens: 4000,
        last: 7,
      })
      expect(await through(pipe, ContextQueryDto, 'query', { turns: '3' })).toEqual({ turns: 3 })
    })

    it.each([
      { maxTokens: '0' },
      { turns: '1.5' },
      { last: 'x' },
      { last: '1001' },
      { turns: '1001' },
      { last: '2', turns: '1' },
    ])('refuses %j', async (query) => {
      await expect(through(pipe, ContextQueryDto, 'query', query)).rejects.toBeInstanceOf(BadRequestException)
    })
  })
})

describe('without implicit conversion, which makes texts and numbers before any rule is asked', () => {
  it('refuses content of parts', async () => {
    const pipe = new ValidationPipe({ transform: true })
    const body = { content: [{ type: 'text', text: 'a' }] }
    await expect(through(pipe, AppendMessageDto, 'body', body)).rejects.toBeInstanceOf(BadRequestException)
  })

  it.each(['0x10', '1e3', ' 5', '5 ', '+5'])('refuses the number %j that is not digits only', async (last) => {
    const pipe = new ValidationPipe({ transform: true })
    await expect(through(pipe, ListMessagesDto, 'query', { last })).rejects.toBeInstanceOf(BadRequestException)
  })

  it('names the field and the rule', async () => {
    const pipe = new ValidationPipe({ transform: true })
    const error: unknown = await through(pipe, ListMessagesDto, 'query', { last: '2', limit: '1' }).catch(
      (e: unknown) => e,
    )
    expect(error).toHaveProperty('response.message', ['last must not be given beside after, before, limit'])
  })
})
