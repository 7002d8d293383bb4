import type { IncomingMessage } from 'node:http'
import type { ExecutionContext } from '@nestjs/common'
import type { WebSocket } from 'ws'

/** A connection, and whose it is. */
export interface Client extends WebSocket {
  userId?: string
}

/** The header keeps the sample short: in an application, verify here who opens the connection. */
export const identify = (client: Client, { headers }: IncomingMessage): void => {
  const userId = headers['x-user-id']
  if (typeof userId === 'string') client.userId = userId
}

export const userOf = (context: ExecutionContext): string | undefined => context.switchToWs().getClient<Client>().userId
