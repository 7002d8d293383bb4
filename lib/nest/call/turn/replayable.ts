import type { ExecutionContext } from '@nestjs/common'
import type { Types } from '../../../serialization/types/registered-type.interface.js'
import type { TurnSession } from '../../../session/turn-session.interface.js'
import type { ClassTransformer } from '../../class-transformer/class-transformer.interface.js'
import type { HttpResponse } from '../../http/http-response.js'
import { PlainForm } from '../../plain-json/plain-form.js'
import { RouteOptions } from '../../route-options.js'
import type { Replayable } from './answer-record.js'

/** Says that an answer is not a new one, as others do who know the Idempotency-Key header. */
const REPLAYED = 'Idempotency-Replayed'

/** How what a client gets is made of the values of a handler. */
export interface ClientForms {
  readonly types: Types
  readonly classTransformer: ClassTransformer | undefined
}

export const replayableOf = (
  context: ExecutionContext,
  session: TurnSession,
  { types, classTransformer }: ClientForms,
): Replayable => ({
  storable: (value) =>
    session.canKeep(value)
      ? value
      : // What the client gets of it is the same.
        new PlainForm(types, classTransformer, new RouteOptions(context).expose).of(value),
  mark: () => {
    if (context.getType() !== 'http') return
    const response = context.switchToHttp().getResponse<HttpResponse>()
    if (response.headersSent !== true) response.header(REPLAYED, 'true')
  },
})
