import { once } from 'node:events'
import { connect } from 'node:net'
import { encodeCommand, RespReader } from './resp.mjs'

/** One connection on which what is sent within one turn of the event loop goes out in one write, and replies come in order. */
export const openRawSocket = async (url) => {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  const waiting = []
  let answered = 0
  let text = ''
  const reader = new RespReader((reply) => {
    waiting[answered](reply)
    answered += 1
    if (answered === waiting.length) answered = waiting.length = 0
  })
  socket.on('data', (chunk) => reader.push(chunk))
  const flush = () => {
    socket.write(text)
    text = ''
  }
  /** @param {readonly (string | number)[]} args */
  const send = (args) => {
    if (text === '') process.nextTick(flush)
    text += encodeCommand(args)
    return new Promise((resolve) => waiting.push(resolve))
  }
  if (pathname.length > 1) await send(['SELECT', pathname.slice(1)])
  return { send, close: () => socket.destroy() }
}
