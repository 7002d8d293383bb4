import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { TestRedis } from 'nestjs-agent-memory/testing'

/** The commands that clients send to those who take writes, as lines of MONITOR; those that scripts run are left out. */
export interface Watch {
  readonly lines: readonly string[]
  stop(): void
}

const watchServer = async (url: string, lines: string[]): Promise<Socket> => {
  const { username, password, hostname, port } = new URL(url)
  const socket = connect(Number(port || 6379), hostname)
  await once(socket, 'connect')
  const answers = createInterface({ input: socket })
  if (password !== '') {
    socket.write(`AUTH ${username === '' ? 'default' : username} ${password}\r\n`)
    await once(answers, 'line')
  }
  socket.write('MONITOR\r\n')
  const [answer] = (await once(answers, 'line')) as [string]
  if (answer !== '+OK') throw new Error(`MONITOR: ${answer}`)
  answers.on('line', (line) => {
    if (!/^\S+ \[\d+ lua\] /.test(line)) lines.push(line)
  })
  return socket
}

/**
 * Listens by MONITOR on a plain socket: the client library takes lines that arrive while it still connects for answers to
 * its own commands.
 */
export const watchCommands = async (redis: Pick<TestRedis, 'masters'>): Promise<Watch> => {
  const lines: string[] = []
  const sockets: Socket[] = []
  for (const { url } of await redis.masters()) sockets.push(await watchServer(url, lines))
  return {
    lines,
    stop: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}
