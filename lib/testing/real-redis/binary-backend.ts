import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bringUp, urlOf } from './bring-up.js'
import { freePort } from './free-port.js'
import { OwnServer } from './own-server.js'
import type { RedisServer } from './redis-server.interface.js'
import { Supervisor } from './supervisor.js'

const START_ATTEMPTS = 5

/** Starts a server of our own on a free port of 127.0.0.1, with a data folder of its own. */
export const startBinary = async (
  binary: string,
  args: readonly string[],
  attempts = START_ATTEMPTS,
): Promise<RedisServer> => {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'agent-memory-redis-'))
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--daemonize', 'no']
  const supervisor = new Supervisor(folder, [binary, ...place, '--save', '', '--appendonly', 'no', ...args])
  const outcome = await bringUp(supervisor, { port, folder })
  if (typeof outcome === 'number') {
    const server = new OwnServer(supervisor, { port, folder }, outcome)
    return { backend: 'binary', url: urlOf(port), process: server, stop: () => server.dispose() }
  }
  await supervisor.dispose()
  if (!outcome.portTaken || attempts <= 1) throw new Error(`${binary} did not start: ${outcome.reason}`)
  return await startBinary(binary, args, attempts - 1)
}
