import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { poll } from './poll.js'
import { readServerInfo } from './server-info.js'
import type { RestartOptions } from './server-process.interface.js'
import { urlOf, type ServerPlan } from './server-plan.js'
import type { Supervisor } from './supervisor.js'
import { within } from './within.js'

const START_TIMEOUT_MS = 10_000

/** A server of ours, and where what it writes is. */
export interface Place {
  readonly plan: ServerPlan
  readonly folder: string
}

/** A server that did not come up; `portTaken` when another process was quicker to take its port. */
export interface Failure {
  readonly portTaken: boolean
  readonly reason: string
}

const lastLines = async (folder: string): Promise<string> => {
  const log = await readFile(join(folder, 'server.log'), 'utf8').catch(() => '')
  return log.trim().split('\n').slice(-5).join('\n')
}

/**
 * Whether what answers there is the process we started, and not one that was quicker to take the port, and has
 * loaded its data, unless that is not waited for.
 */
const answersAs = async (processId: number, url: string, mayLoad: boolean): Promise<boolean> => {
  try {
    const info = await readServerInfo(url)
    return info.processId === processId && (mayLoad || !info.loading)
  } catch {
    return false
  }
}

/** Resolves to its process id, or to why it is not up. */
export const bringUp = async (
  supervisor: Supervisor,
  { plan, folder }: Place,
  { args = [], loading = false }: Pick<RestartOptions, 'args' | 'loading'> = {},
): Promise<number | Failure> => {
  const processId = await within(
    supervisor.start(args),
    START_TIMEOUT_MS,
    'the supervisor of the server does not answer',
  )
  const outcome = await poll(async () => {
    if (!supervisor.running) return 'ended'
    return (await answersAs(processId, urlOf(plan), loading)) ? 'up' : undefined
  }, START_TIMEOUT_MS)
  if (outcome === 'up') return processId
  const log = await lastLines(folder)
  await supervisor.stop()
  return {
    portTaken: /address already in use/i.test(log),
    reason: `${outcome === 'ended' ? 'it ended at once' : `it did not answer within ${START_TIMEOUT_MS} ms`}:\n${log}`,
  }
}
