import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { RespReader } from './resp.mjs'

/**
 * A way to the server that writes down what is sent on it: the commands of this module, as they are on the wire.
 *
 * @param {string} url of the server
 */
export const openRecorder = async (url) => {
  const { hostname, port, pathname } = new URL(url)
  const sockets = new Set()
  let recorded
  const server = createServer((socket) => {
    const upstream = connect(Number(port), hostname)
    const reader = new RespReader((command) => recorded?.push(command))
    socket.on('data', (chunk) => reader.push(chunk))
    socket.pipe(upstream).pipe(socket)
    for (const end of [socket, upstream]) {
      end.setNoDelay(true)
      end.on('error', () => socket.destroy())
      end.on('close', () => {
        socket.destroy()
        upstream.destroy()
      })
      sockets.add(end)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${server.address().port}${pathname}`,
    /** What `work` sends of scripts, in order. @returns {Promise<string[][]>} */
    async record(work) {
      recorded = []
      await work()
      const commands = recorded.filter(([name]) => /^evalsha$/i.test(name))
      recorded = undefined
      return commands
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
