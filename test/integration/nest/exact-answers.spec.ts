import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Controller, Get, SerializeOptions, UseInterceptors } from '@nestjs/common'
import { Exclude } from 'class-transformer'
import { Decimal } from 'decimal.js'
import { MEMORY_MEDIA_TYPE } from '../../../lib/nest/exact/media-type.js'
import { MemoryJson } from '../../../lib/nest/exact/memory-json.js'
import { MemorySerializationInterceptor } from '../../../lib/nest/memory-serialization.interceptor.js'
import { startHttpApp, type HttpApp, type Platform } from './http-app.js'
import { Money } from './serialization.module.js'

const rich = {
  at: new Date('2026-03-01T10:20:30.400Z'),
  price: new Decimal('0.10'),
  money: new Money(new Decimal('2.50'), 'EUR'),
  map: new Map<unknown, unknown>([['a', new Set([1n])]]),
  bytes: Buffer.from('hé'),
  $key: '~',
  nothing: undefined,
}

class User {
  @Exclude() readonly password = 'secret'
  readonly name = 'Ada'
}

@Controller()
@UseInterceptors(MemorySerializationInterceptor)
class ValuesController {
  @Get('rich')
  rich(): unknown {
    return rich
  }

  @Get('plain')
  plain(): unknown {
    return { a: [1, 'b', null] }
  }

  @Get('null')
  null(): unknown {
    return null
  }

  @Get('text')
  text(): unknown {
    return 'text'
  }

  @Get('bytes')
  bytes(): unknown {
    return new Uint8Array([1, 2])
  }

  @Get('user')
  user(): unknown {
    return new Map([['user', { list: [new User()], at: rich.at }]])
  }

  @Get('error')
  error(): unknown {
    return { error: new Error('no') }
  }

  @Get('options')
  @SerializeOptions({ groups: ['admin'] })
  options(): unknown {
    return { at: rich.at }
  }

  @Get('function')
  function(): unknown {
    return { list: [() => 1] }
  }
}

@Controller('grouped')
@SerializeOptions({ groups: ['admin'] })
@UseInterceptors(MemorySerializationInterceptor)
class GroupedController {
  @Get()
  options(): unknown {
    return { at: rich.at }
  }
}

describe.each<Platform>(['express', 'fastify'])('exact answers on %s', (platform) => {
  let served: HttpApp
  let json: MemoryJson

  beforeAll(async () => {
    served = await startHttpApp(platform, { controllers: [ValuesController, GroupedController] })
    json = served.app.get(MemoryJson)
  })

  afterAll(() => served.app.close())

  const get = (path: string): Promise<Response> =>
    fetch(`${served.url}/${path}`, { headers: { accept: MEMORY_MEDIA_TYPE } })

  it('come back as the values they were', async () => {
    const response = await get('rich')
    const text = await response.text()
    expect(response.headers.get('content-type')).toMatch(/^application\/vnd\.agent-memory\+json(; charset=utf-8)?$/)
    expect(response.headers.get('vary')).toBe('Accept')
    expect(json.decode(text)).toStrictEqual(rich)
    expect(JSON.parse(text)).toHaveProperty('at', { $date: '2026-03-01T10:20:30.400Z' })
  })

  it.each<[string, unknown]>([
    ['plain', { a: [1, 'b', null] }],
    ['null', null],
    ['text', 'text'],
    ['bytes', new Uint8Array([1, 2])],
  ])('say %s exactly too', async (path, value) => {
    const response = await get(path)
    expect(response.headers.get('content-type')).toContain(MEMORY_MEDIA_TYPE)
    expect(json.decode(await response.text())).toStrictEqual(value)
  })

  it.each<[string, unknown]>([
    ['user', [['user', { list: [{ name: 'Ada' }], at: rich.at.toISOString() }]]],
    ['error', { error: { name: 'Error', message: 'no' } }],
    ['options', { at: rich.at.toISOString() }],
    ['grouped', { at: rich.at.toISOString() }],
  ])('are plain JSON where that hides something: %s', async (path, plain) => {
    const response = await get(path)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.json()).toStrictEqual(plain)
  })

  it('are an error for what cannot be said exactly', async () => {
    const response = await get('function')
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  })
})
