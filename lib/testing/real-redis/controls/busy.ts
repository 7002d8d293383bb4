import type { Redis } from 'ioredis'
import { isError } from '../../../errors/is-error.js'
import { poll } from '../poll.js'
import { keepsNoProcessAlive } from './admin-connection.js'
import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'
import { changeSettings } from './settings.js'

const TIMEOUT_MS = 5_000
/** After how many milliseconds of a script the server begins to answer that it is busy. */
const THRESHOLD_MS = 5

const isBusy = (admin: Redis): Promise<boolean> =>
  admin.ping().then(
    () => false,
    (error: unknown) => isError(error) && error.message.startsWith('BUSY'),
  )

const becomes = async (admin: Redis, busy: boolean): Promise<void> => {
  const reached = await poll(async () => ((await isBusy(admin)) === busy ? true : undefined), TIMEOUT_MS)
  if (reached === undefined) throw new Error(`RealRedis.busy(): the server is ${busy ? 'not' : 'still'} busy`)
}

export const busy = async (controls: ServerControls): Promise<ServerFault> => {
  const admin = await controls.admin()
  const before = await changeSettings(admin, { 'busy-reply-threshold': THRESHOLD_MS })
  const runner = admin.duplicate({ commandTimeout: undefined, retryStrategy: () => null })
  runner.on('error', () => undefined)
  keepsNoProcessAlive(runner)
  // It ends by being killed.
  runner.eval('while true do end', 0).catch(() => undefined)
  const fault = controls.fault(async () => {
    const client = await controls.admin()
    // After a restart there is nothing to kill.
    await client.script('KILL').catch(() => undefined)
    runner.disconnect()
    await becomes(client, false)
    await changeSettings(client, before)
  })
  await becomes(admin, true)
  return fault
}
