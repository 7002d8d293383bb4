import { Global, Module } from '@nestjs/common'
import { Decimal } from 'decimal.js'
import { MemorySerializationInterceptor } from '../../../lib/nest/memory-serialization.interceptor.js'
import { MemoryBodyPipe } from '../../../lib/nest/exact/memory-body.pipe.js'
import { MemoryJson } from '../../../lib/nest/exact/memory-json.js'
import { ValueCodec } from '../../../lib/serialization/codec/value-codec.js'
import { createEnvelope } from '../../../lib/serialization/envelope/create-envelope.js'
import { Serialization } from '../../../lib/serialization/serialization.js'
import { createTypes } from '../../../lib/serialization/types/create-types.js'

export class Money {
  constructor(
    readonly amount: Decimal,
    readonly currency: string,
  ) {}
}

const types = createTypes([Decimal, Money])
const providers = [MemorySerializationInterceptor, MemoryBodyPipe, MemoryJson]

/** What of a memory speaks to clients; no Redis in it. */
@Global()
@Module({
  providers: [
    { provide: Serialization, useValue: new Serialization(types, new ValueCodec(types), createEnvelope({})) },
    ...providers,
  ],
  exports: [Serialization, ...providers],
})
export class SerializationModule {}
