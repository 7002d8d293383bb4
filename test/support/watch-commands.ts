import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { RealRedis } from 'nestjs-agent-memory/testing'

/** The commands that clients send to the server, as lines of MONITOR; those that scripts run are left out. */
export interface Watch {
  readonly lines: readonly string[]
  stop(): void
}

/**
 * Listens by MONITOR on a plain socket: the client library takes lines that arrive while it still connects for answers to
 * its own commands.
 */
export const watchCommands = async (redis: RealRedis): Promise<Watch> => {
  const { username, password } = new URL(redis.url)
  const socket = connect(redis.port, redis.host)
  await once(socket, 'connect')
  const lines: string[] = []
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
  return { lines, stop: () => socket.destroy() }
}
