import type { ExecutionContext } from '@nestjs/common'
import { EncodeError } from '../../../serialization/codec.errors.js'
import type { Serialization } from '../../../serialization/serialization.js'
import { loadClassTransformer } from '../../class-transformer/load-class-transformer.js'
import type { HttpResponse } from '../../http/http-response.js'
import { PlainForm } from '../../plain-json/plain-form.js'
import { RouteOptions } from '../../route-options.js'
import type { Replayable } from './answer-record.js'

/** Says that an answer is not a new one, as others do who know the Idempotency-Key header. */
const REPLAYED = 'Idempotency-Replayed'

export const replayableOf = (context: ExecutionContext, { codec, types }: Serialization): Replayable => ({
  storable: (value) => {
    try {
      codec.encode(value)
      return value
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error
      // What the client gets of it is the same.
      return new PlainForm(types, loadClassTransformer(), new RouteOptions(context).expose).of(value)
    }
  },
  mark: () => {
    if (context.getType() !== 'http') return
    const response = context.switchToHttp().getResponse<HttpResponse>()
    if (response.headersSent !== true) response.header(REPLAYED, 'true')
  },
})
