import type { WsResponse } from '@nestjs/websockets'
import type { RememberedAnswer } from 'nestjs-agent-memory'

/** The answer is the data of its events, one behind the other. */
export const textOf = ({ values }: RememberedAnswer): string =>
  values.map((event) => (event as WsResponse<string>).data).join('')
