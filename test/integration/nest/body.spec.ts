import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Body, Controller, Inject, Post, UseInterceptors, ValidationPipe } from '@nestjs/common'
import { APP_PIPE } from '@nestjs/core'
import { Type } from 'class-transformer'
import { IsDate, IsInstance, IsString, ValidateNested } from 'class-validator'
import { Decimal } from 'decimal.js'
import { MEMORY_MEDIA_TYPE } from '../../../lib/nest/exact/media-type.js'
import { MemoryBodyPipe } from '../../../lib/nest/exact/memory-body.pipe.js'
import { MemoryJson } from '../../../lib/nest/exact/memory-json.js'
import { MemoryValidationPipe } from '../../../lib/nest/exact/memory-validation.pipe.js'
import { useMemoryBody } from '../../../lib/nest/exact/use-memory-body.js'
import { MemorySerializationInterceptor } from '../../../lib/nest/memory-serialization.interceptor.js'
import { Serialization } from '../../../lib/serialization/serialization.js'
import { startHttpApp, type HttpApp, type Platform } from './http-app.js'
import { Money } from './serialization.module.js'

class Line {
  @IsString() readonly item!: string
  @IsInstance(Decimal) readonly price!: Decimal
}

class Order {
  @IsDate() readonly at!: Date
  @IsInstance(Money) readonly total!: Money
  @IsInstance(Map) readonly notes!: Map<string, Set<string>>
  @ValidateNested() @Type(() => Line) readonly lines!: Line[]
}

class Bodies {
  last: unknown
}

@Controller()
@UseInterceptors(MemorySerializationInterceptor)
class BodyController {
  constructor(@Inject(Bodies) private readonly bodies: Bodies) {}

  @Post('any')
  any(@Body() body: unknown): unknown {
    this.bodies.last = body
    return body
  }

  @Post('order')
  order(@Body() order: Order): unknown {
    this.bodies.last = order
    return order.lines.length
  }
}

const order = {
  at: new Date('2026-03-01T10:20:30.400Z'),
  total: new Money(new Decimal('2.50'), 'EUR'),
  notes: new Map([['a', new Set(['b'])]]),
  lines: [{ item: 'tea', price: new Decimal('2.50') }],
}

describe.each<Platform>(['express', 'fastify'])('a body of exact values on %s', (platform) => {
  let served: HttpApp
  let json: MemoryJson
  let bodies: Bodies

  beforeAll(async () => {
    const validation = {
      provide: APP_PIPE,
      useFactory: (serialization: Serialization) =>
        new MemoryValidationPipe(serialization, { transform: true, whitelist: true }),
      inject: [Serialization],
    }
    served = await startHttpApp(
      platform,
      {
        controllers: [BodyController],
        providers: [Bodies, { provide: APP_PIPE, useExisting: MemoryBodyPipe }, validation],
      },
      (app) => useMemoryBody(app, { limit: '400kb' }),
    )
    json = served.app.get(MemoryJson)
    bodies = served.app.get(Bodies)
  })

  afterAll(() => served.app.close())

  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    type: string = MEMORY_MEDIA_TYPE,
  ): Promise<Response> =>
    fetch(`${served.url}/${path}`, {
      method: 'POST',
      headers: { 'content-type': type, accept: MEMORY_MEDIA_TYPE },
      body,
    })

  it('reaches the handler, and its client again, as the values they were', async () => {
    const value = { ...order, $key: -0, nothing: undefined, big: 1n }
    const response = await post('any', json.encode(value), `${MEMORY_MEDIA_TYPE}; charset=utf-8`)
    expect(response.status).toBe(201)
    expect(bodies.last).toStrictEqual(value)
    expect(json.decode(await response.text())).toStrictEqual(value)
  })

  it('may be plain JSON, with spaces', async () => {
    await post('any', '{ "a": [1, { "$date": "2026-03-01T10:20:30.400Z" }] }')
    expect(bodies.last).toStrictEqual({ a: [1, order.at] })
  })

  it('passes a ValidationPipe', async () => {
    const response = await post('order', json.encode({ ...order, more: 1 }))
    expect(await response.text()).toBe('1')
    // Made later, it would decide how all pipes of Nest transform.
    expect(new ValidationPipe()).toBeDefined()
    await post('order', json.encode({ ...order, more: 1 }))
    const line = Object.assign(new Line(), order.lines[0])
    expect(bodies.last).toStrictEqual(Object.assign(new Order(), order, { lines: [line] }))
    expect(json.decode(json.encode({ ...(bodies.last as object), lines: [] }))).toStrictEqual({ ...order, lines: [] })
  })

  it('is refused by a ValidationPipe for values of another class', async () => {
    const response = await post('order', json.encode({ ...order, total: new Decimal(1), lines: [new Decimal(1)] }))
    expect(response.status).toBe(400)
    const { message } = (await response.json()) as { message: string[] }
    expect(message).toContain('total must be an instance of Money')
    expect(message).toContain('lines.0.item must be a string')
  })

  it('is no object of a class for what it holds: bytes', async () => {
    for (const value of [Uint8Array.of(1), Buffer.alloc(1)]) {
      const response = await post('order', json.encode(value))
      expect(response.status).toBe(400)
      expect(((await response.json()) as { message: string[] }).message).toContain('at must be a Date instance')
    }
  })

  it('is refused by a ValidationPipe where it has no end, or would take too long', async () => {
    const shared = Array.from({ length: 30 }, (_, level) =>
      level === 0 ? '[]' : `[{"$ref":${level}},{"$ref":${level}}]`,
    )
    const wide = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`${index}`, 1]))
    for (const [body, reason] of [
      ['{"a":{"b":{"$ref":0}}}', 'The body holds an object that holds itself'],
      [`[${shared.join(',')}]`, 'The body stands for more than 1000000 values'],
      [JSON.stringify({ wide }), 'The body holds an object of more than 20000 members'],
    ] as const) {
      const response = await post('order', body)
      expect(response.status).toBe(400)
      expect(await response.json()).toHaveProperty('message', reason)
    }
  })

  it('is UTF-8, whatever charset it names, and is never garbled', async () => {
    const latin = Uint8Array.from([0x22, 0xe4, 0x22])
    for (const type of [MEMORY_MEDIA_TYPE, `${MEMORY_MEDIA_TYPE}; charset=iso-8859-1`]) {
      const response = await post('any', latin, type)
      expect(response.status).toBe(400)
      expect(await response.json()).toHaveProperty('message', `The body is no ${MEMORY_MEDIA_TYPE}: not UTF-8`)
      await post('any', '"ä"', type)
      expect(bodies.last).toBe('ä')
    }
  })

  it.each<[string, string, RegExp]>([
    ['no JSON', '{"secret', /not JSON/],
    ['nothing', '', /not JSON/],
    ['an unknown tag', '{"$what":"secret"}', /tag/],
    ['a class that is not registered', '{"$type":["Account",1,{"secret":1}]}', /not known here: Account$/],
    ['too many levels', `${'['.repeat(2000)}${']'.repeat(2000)}`, /levels/],
  ])('is answered by 400 and a reason when it holds %s', async (_name, body, reason) => {
    bodies.last = 'nothing reached the handler'
    const response = await post('any', body)
    expect(response.status).toBe(400)
    const { message } = (await response.json()) as { message: string }
    expect(message).toMatch(/^The body is no application\/vnd\.agent-memory\+json: /)
    expect(message).toMatch(reason)
    expect(message).not.toContain('secret')
    expect(bodies.last).toBe('nothing reached the handler')
  })

  it('is answered by 413 when it is too large', async () => {
    const response = await post('any', JSON.stringify('x'.repeat(500_000)))
    expect(response.status).toBe(413)
  })

  it('does not touch other bodies', async () => {
    await post('any', '{"a":{"$date":"2026-03-01T10:20:30.400Z"}}', 'application/json')
    expect(bodies.last).toStrictEqual({ a: { $date: '2026-03-01T10:20:30.400Z' } })
    await post('any', 'a=1', 'application/x-www-form-urlencoded')
    expect({ ...(bodies.last as object) }).toStrictEqual({ a: '1' })
  })
})

describe('useMemoryBody', () => {
  it('refuses a limit that is no size', async () => {
    const starting = startHttpApp('express', {}, (app) => useMemoryBody(app, { limit: 'a lot' as '1mb' }))
    await expect(starting).rejects.toThrow(
      'useMemoryBody.limit: a string of 5 characters given; allowed: a whole number',
    )
  })
})
