import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.js'
import { poll } from './poll.js'
import { withProbeClient } from './probe-client.js'
import type { RedisServer } from './redis-server.interface.js'
import { readServerInfo } from './server-info.js'
import { Supervisor } from './supervisor.js'
import { within } from './within.js'

const START_ATTEMPTS = 5
const START_TIMEOUT_MS = 10_000
const SAVE_TIMEOUT_MS = 30_000

/** A server that did not come up; `portTaken` when another process was quicker to take its port. */
interface Failure {
  readonly portTaken: boolean
  readonly reason: string
}

const urlOf = (port: number): string => `redis://127.0.0.1:${port}`

const lastLines = async (folder: string): Promise<string> => {
  const log = await readFile(join(folder, 'server.log'), 'utf8').catch(() => '')
  return log.trim().split('\n').slice(-5).join('\n')
}

/** Whether what answers on the port is the process we started, and not one that was quicker to take the port. */
const answersAs = async (processId: number, port: number): Promise<boolean> => {
  try {
    return (await readServerInfo(urlOf(port))).processId === processId
  } catch {
    return false
  }
}

const bringUp = async (supervisor: Supervisor, folder: string, port: number): Promise<Failure | undefined> => {
  const processId = await within(supervisor.start(), START_TIMEOUT_MS, 'the supervisor of the server does not answer')
  const outcome = await poll(async () => {
    if (!supervisor.running) return 'ended'
    return (await answersAs(processId, port)) ? 'up' : undefined
  }, START_TIMEOUT_MS)
  if (outcome === 'up') return undefined
  const log = await lastLines(folder)
  await supervisor.stop()
  return {
    portTaken: /address already in use/i.test(log),
    reason: `${outcome === 'ended' ? 'it ended at once' : `it did not answer within ${START_TIMEOUT_MS} ms`}:\n${log}`,
  }
}

/** A server of ours that is up. */
interface OwnServer {
  readonly port: number
  readonly folder: string
  readonly supervisor: Supervisor
}

const startOnFreePort = async (
  binary: string,
  args: readonly string[],
  attempts = START_ATTEMPTS,
): Promise<OwnServer> => {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'agent-memory-redis-'))
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--daemonize', 'no']
  const supervisor = new Supervisor(folder, [binary, ...place, '--save', '', '--appendonly', 'no', ...args])
  const failure = await bringUp(supervisor, folder, port)
  if (failure === undefined) return { port, folder, supervisor }
  await supervisor.dispose()
  if (!failure.portTaken || attempts <= 1) throw new Error(`${binary} did not start: ${failure.reason}`)
  return await startOnFreePort(binary, args, attempts - 1)
}

const emptyFolder = async (folder: string): Promise<void> => {
  const names = await readdir(folder)
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true })))
}

const saveAndEnd = async (url: string, supervisor: Supervisor): Promise<void> => {
  const ended = supervisor.exited()
  // The answer to SHUTDOWN is the end of the connection; a refusal leaves the server running.
  const refused = withProbeClient(url, (client) => client.call('SHUTDOWN', 'SAVE')).catch((error: unknown) => error)
  await within(ended, SAVE_TIMEOUT_MS, 'the server did not end').catch(async (error: unknown) => {
    throw new AggregateError([error, await refused], 'the server could not save its data and end')
  })
}

const bringBack = async ({ port, folder, supervisor }: OwnServer, attempts = START_ATTEMPTS): Promise<void> => {
  const failure = await bringUp(supervisor, folder, port)
  if (failure === undefined) return
  if (!failure.portTaken || attempts <= 1)
    throw new Error(`the server did not come back on port ${port}: ${failure.reason}`)
  await bringBack({ port, folder, supervisor }, attempts - 1)
}

const restart = async (server: OwnServer, keepData: boolean): Promise<void> => {
  if (keepData) await saveAndEnd(urlOf(server.port), server.supervisor)
  else await server.supervisor.stop().then(() => emptyFolder(server.folder))
  await bringBack(server)
}

/** Starts a server of our own on a free port of 127.0.0.1, with a data folder of its own. */
export const startBinary = async (binary: string, args: readonly string[]): Promise<RedisServer> => {
  const server = await startOnFreePort(binary, args)
  return {
    backend: 'binary',
    url: urlOf(server.port),
    restart: ({ keepData }) => restart(server, keepData),
    stop: () => server.supervisor.dispose(),
  }
}
