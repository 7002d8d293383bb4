import { readFile } from 'node:fs/promises'
import { poll } from '../poll.js'
import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'

const TIMEOUT_MS = 2_000

/** By the kernel's own account, where there is one to read. */
const isStopped = async (processId: number): Promise<boolean> => {
  const status = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => undefined)
  // The state stands behind the name of the program, which is in brackets and may hold anything.
  return status === undefined || /^ [Tt]/.test(status.slice(status.lastIndexOf(')') + 1))
}

/** @throws Error when the server is down */
export const pause = async (controls: ServerControls): Promise<ServerFault> => {
  const { id } = controls.process
  if (id === undefined) throw new Error('RealRedis.pause(): the server is down')
  process.kill(id, 'SIGSTOP')
  const stopped = await poll(async () => ((await isStopped(id)) ? true : undefined), TIMEOUT_MS)
  if (stopped === undefined) throw new Error(`RealRedis.pause(): the server did not stop within ${TIMEOUT_MS} ms`)
  return controls.fault(() => resume(controls))
}

/** Nothing happens when it is not paused, or down. */
export const resume = (controls: ServerControls): Promise<void> => {
  const { id } = controls.process
  if (id !== undefined) process.kill(id, 'SIGCONT')
  return Promise.resolve()
}
