import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isError } from '../../errors/is-error.js'
import { bringUp, type Failure } from './bring-up.js'
import { freePorts } from './free-port.js'
import { OwnServer } from './own-server.js'
import type { ServerCommand } from './server-command.js'
import { CONFIGURATION, fileIn } from './server-folder.js'
import type { ServerPlan } from './server-plan.js'
import { Supervisor } from './supervisor.js'

const START_ATTEMPTS = 5

const startOne = async (command: ServerCommand, plan: ServerPlan): Promise<OwnServer | Failure> => {
  const folder = await mkdtemp(join(tmpdir(), 'agent-memory-redis-'))
  await mkdir(join(folder, CONFIGURATION))
  const file = plan.config === undefined ? [] : [fileIn(folder, 'server.conf')]
  for (const path of file) await writeFile(path, plan.config ?? '')
  for (const [name, content] of Object.entries(plan.files ?? {})) await writeFile(fileIn(folder, name), content)
  const place = ['--bind', '127.0.0.1', '--port', String(plan.port), '--dir', folder, '--daemonize', 'no']
  // Redis takes no address but 127.0.0.1 for its own machine's, and would refuse the others.
  const peer = plan.peer === undefined ? [] : ['--bind-source-addr', plan.peer, '--protected-mode', 'no']
  const supervisor = new Supervisor(folder, [...command, ...file, ...place, ...peer, ...plan.args])
  const outcome = await bringUp(supervisor, { plan, folder }).catch((error: unknown) => ({
    portTaken: false,
    reason: isError(error) ? error.message : String(error),
  }))
  if (typeof outcome === 'number') return new OwnServer(supervisor, { plan, folder }, outcome)
  await supervisor.dispose()
  return outcome
}

const isUp = (outcome: OwnServer | Failure): outcome is OwnServer => outcome instanceof OwnServer
const isFailure = (outcome: OwnServer | Failure): outcome is Failure => !isUp(outcome)

/** Those of one turn at once, and one turn after the other; ends at the first that does not come up, with all others. */
const startInTurn = async (
  command: ServerCommand,
  turns: readonly (readonly ServerPlan[])[],
): Promise<OwnServer[] | Failure> => {
  const servers: OwnServer[] = []
  for (const plans of turns) {
    const outcomes = await Promise.all(plans.map((plan) => startOne(command, plan)))
    servers.push(...outcomes.filter(isUp))
    const failures = outcomes.filter(isFailure)
    const failure = failures.find(({ portTaken }) => !portTaken) ?? failures[0]
    if (failure === undefined) continue
    await Promise.all(servers.map((server) => server.dispose()))
    return failure
  }
  return servers
}

/** Servers to be started, on as many ports as were asked for: those of one turn at once, and one turn after the other. */
export type Planning = (ports: readonly number[]) => Promise<readonly (readonly ServerPlan[])[]>

/**
 * Starts servers of our own on free ports of 127.0.0.1, each with a folder of its own: all of them, or none. When another
 * process was quicker to take a port, it plans again.
 *
 * @throws Error with what the server said that does not start
 */
export const startOwnServers = async (
  command: ServerCommand,
  ports: number,
  plan: Planning,
  attempts = START_ATTEMPTS,
): Promise<OwnServer[]> => {
  const outcome = await startInTurn(command, await plan(await freePorts(ports)))
  if (Array.isArray(outcome)) return outcome
  if (!outcome.portTaken || attempts <= 1) throw new Error(`${command[0]} did not start: ${outcome.reason}`)
  return await startOwnServers(command, ports, plan, attempts - 1)
}
