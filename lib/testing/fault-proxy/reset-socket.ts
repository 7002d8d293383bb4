import type { Socket } from 'node:net'

/** Resets a connection. One that was ended already cannot be reset any more: Node would wait for it for ever. */
export const resetSocket = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
