import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Controller, Get, Res, SerializeOptions, Sse, StreamableFile, type MessageEvent } from '@nestjs/common'
import { APP_INTERCEPTOR } from '@nestjs/core'
import { Exclude, Expose, Transform } from 'class-transformer'
import { Decimal } from 'decimal.js'
import { of, type Observable } from 'rxjs'
import { MemorySerializationInterceptor } from '../../../lib/nest/memory-serialization.interceptor.js'
import { startHttpApp, type HttpApp, type Platform } from './http-app.js'
import { Money } from './serialization.module.js'

const at = new Date('2026-03-01T10:20:30.400Z')

class User {
  @Exclude() readonly password = 'secret'
  @Expose({ groups: ['admin'] }) readonly email = 'a@example.com'
  readonly balance = new Decimal('12.50')
  @Transform(({ value }: { value: Decimal }) => value.toFixed(2)) readonly credit = new Decimal('7.5')
}

interface RawResponse {
  send(body: string): unknown
}

@Controller()
class ValuesController {
  @Get('rich')
  rich(): unknown {
    return {
      at,
      price: new Decimal('0.10'),
      big: 1n,
      bytes: Buffer.from('hé'),
      map: new Map([['a', new Set([1n])]]),
      money: new Money(new Decimal('2.50'), 'EUR'),
      none: Number.NaN,
      nothing: undefined,
      users: [new User()],
    }
  }

  @Get('admin')
  @SerializeOptions({ groups: ['admin'] })
  admin(): unknown {
    return { user: new User() }
  }

  @Get('plain')
  plain(): unknown {
    return { a: [1, 'b', null] }
  }

  @Get('null')
  null(): null {
    return null
  }

  @Get('text')
  text(): string {
    return 'as it is'
  }

  @Get('date')
  date(): Date {
    return at
  }

  @Get('price')
  price(): Decimal {
    return new Decimal('1.50')
  }

  @Get('later')
  later(): Observable<unknown> {
    return of({ at })
  }

  @Get('bytes')
  bytes(): Buffer {
    return Buffer.from([0, 1, 255])
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Readable.from([Buffer.from('of '), Buffer.from('a file')]), { type: 'text/csv' })
  }

  @Get('lines')
  async *lines(): AsyncGenerator {
    yield { at }
    yield new User()
    yield 'text'
  }

  @Get('raw')
  raw(@Res() response: RawResponse): unknown {
    return response.send('by itself')
  }

  @Get('cycle')
  cycle(): unknown {
    const secretName: Record<string, unknown> = {}
    secretName['self'] = secretName
    return { secretName }
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return of(
      { id: '1', type: 'price', data: { at, price: new Decimal('1.50') } },
      { data: new Decimal(2) },
      { data: 'text' },
    )
  }
}

const user = { balance: '12.5', credit: '7.50' }

describe.each<Platform>(['express', 'fastify'])('the serialization interceptor over HTTP on %s', (platform) => {
  let served: HttpApp

  beforeAll(async () => {
    served = await startHttpApp(platform, {
      controllers: [ValuesController],
      providers: [{ provide: APP_INTERCEPTOR, useExisting: MemorySerializationInterceptor }],
    })
  })

  afterAll(() => served.app.close())

  const get = (path: string): Promise<Response> => fetch(`${served.url}/${path}`)

  it('turns rich values into JSON', async () => {
    const response = await get('rich')
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(response.headers.get('vary')).toBe('Accept')
    expect(await response.json()).toStrictEqual({
      at: at.toISOString(),
      price: '0.1',
      big: '1',
      bytes: 'aMOp',
      map: [['a', ['1']]],
      money: { amount: '2.5', currency: 'EUR' },
      none: null,
      users: [user],
    })
  })

  it('honours groups', async () => {
    expect(await (await get('admin')).json()).toStrictEqual({ user: { ...user, email: 'a@example.com' } })
  })

  it('lets plain values, null, text and what answers by itself pass', async () => {
    expect(await (await get('plain')).text()).toBe('{"a":[1,"b",null]}')
    // As the platforms send it.
    expect(await (await get('null')).text()).toBe(platform === 'express' ? '' : 'null')
    expect(await (await get('text')).text()).toBe('as it is')
    expect(await (await get('raw')).text()).toBe('by itself')
  })

  it('gives a Date or a Decimal that is the whole body as JSON', async () => {
    const response = await get('date')
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.json()).toBe(at.toISOString())
    expect(await (await get('price')).json()).toBe('1.5')
  })

  it('maps what an Observable emits', async () => {
    expect(await (await get('later')).json()).toStrictEqual({ at: at.toISOString() })
  })

  it('sends bytes and files as bytes', async () => {
    const bytes = await get('bytes')
    expect(bytes.headers.get('content-type')).toBe('application/octet-stream')
    expect([...new Uint8Array(await bytes.arrayBuffer())]).toStrictEqual([0, 1, 255])
    const file = await get('file')
    expect(file.headers.get('content-type')).toBe('text/csv')
    expect(await file.text()).toBe('of a file')
  })

  it('maps what a generator yields, a line each', async () => {
    const lines = (await (await get('lines')).text()).trim().split('\n')
    expect(lines.slice(0, 2).map((line) => JSON.parse(line) as unknown)).toStrictEqual([{ at: at.toISOString() }, user])
    expect(lines[2]).toBe('text')
  })

  it('answers a cycle by 500, and tells the client nothing of it', async () => {
    const response = await get('cycle')
    expect(response.status).toBe(500)
    expect(await response.json()).toStrictEqual({ statusCode: 500, message: 'Internal server error' })
  })

  it('maps the data of server-sent events', async () => {
    const text = await (await get('events')).text()
    expect(text.trim().split('\n')).toStrictEqual([
      'event: price',
      'id: 1',
      `data: {"at":"${at.toISOString()}","price":"1.5"}`,
      '',
      'id: 1',
      'data: "2"',
      '',
      'id: 2',
      'data: text',
    ])
  })
})
