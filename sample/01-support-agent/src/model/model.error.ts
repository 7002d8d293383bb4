import { BadGatewayException } from '@nestjs/common'

/** The language model gave no answer, or not all of it. What the user said is stored; the turn can be sent again. */
export class ModelError extends BadGatewayException {
  constructor(message: string, cause?: unknown) {
    super({ statusCode: 502, code: 'MODEL_FAILED', message, retryable: true }, { cause })
  }
}
