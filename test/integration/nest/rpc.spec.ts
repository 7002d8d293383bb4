import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Controller, UseInterceptors } from '@nestjs/common'
import { MessagePattern, type ClientProxy, type MicroserviceOptions } from '@nestjs/microservices'
import { Test } from '@nestjs/testing'
import { Exclude } from 'class-transformer'
import { Decimal } from 'decimal.js'
import { firstValueFrom, of, toArray, type Observable } from 'rxjs'
import { MemorySerializationInterceptor } from '../../../lib/nest/memory-serialization.interceptor.js'
import { clientOf, ON_ANY_PORT } from '../../support/tcp-microservice.js'
import { SerializationModule } from './serialization.module.js'

const at = new Date('2026-03-01T10:20:30.400Z')

class User {
  @Exclude() readonly password = 'secret'
  readonly balance = new Decimal('12.50')
}

@Controller()
@UseInterceptors(MemorySerializationInterceptor)
class ValuesController {
  @MessagePattern('rich')
  rich(): unknown {
    return { at, map: new Map([['a', 1n]]), bytes: new Uint8Array([1]), user: new User() }
  }

  @MessagePattern('price')
  price(): Decimal {
    return new Decimal('1.50')
  }

  @MessagePattern('many')
  many(): Observable<unknown> {
    return of({ at }, new User(), null)
  }
}

describe('the serialization interceptor over RPC', () => {
  let close: () => Promise<unknown>
  let client: ClientProxy

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      imports: [SerializationModule],
      controllers: [ValuesController],
    }).compile()
    const app = module.createNestMicroservice<MicroserviceOptions>({ ...ON_ANY_PORT, logger: false })
    await app.listen()
    client = clientOf(app)
    close = () => app.close()
  })

  afterAll(async () => {
    await client.close()
    await close()
  })

  const ask = (pattern: string): Promise<unknown[]> => firstValueFrom(client.send<unknown>(pattern, {}).pipe(toArray()))

  it('turns rich values into JSON', async () => {
    expect(await ask('rich')).toStrictEqual([
      { at: at.toISOString(), map: [['a', '1']], bytes: 'AQ==', user: { balance: '12.5' } },
    ])
    expect(await ask('price')).toStrictEqual(['1.5'])
  })

  it('maps each of what an Observable emits', async () => {
    expect(await ask('many')).toStrictEqual([{ at: at.toISOString() }, { balance: '12.5' }, null])
  })
})
