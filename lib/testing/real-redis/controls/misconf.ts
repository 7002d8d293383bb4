import { mkdir, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { poll } from '../poll.js'
import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'
import { changeSettings, readSetting } from './settings.js'

const TIMEOUT_MS = 10_000

/** Has the server save in the background, and waits for how that ended. */
const saveUntil = async (admin: Redis, status: 'ok' | 'err'): Promise<void> => {
  const reached = await poll(async () => {
    const info = await admin.info('persistence')
    if (info.includes('rdb_bgsave_in_progress:1')) return undefined
    if (info.includes(`rdb_last_bgsave_status:${status}`)) return true
    await admin.bgsave()
    return undefined
  }, TIMEOUT_MS)
  if (reached === undefined) throw new Error(`RealRedis.misconf(): no background save ended with "${status}"`)
}

/** Puts a folder where the server writes its snapshot: that fails also for a server that runs as root. */
export const misconf = async (controls: ServerControls): Promise<ServerFault> => {
  const admin = await controls.admin()
  const snapshot = join(await readSetting(admin, 'dir'), await readSetting(admin, 'dbfilename'))
  const aside = `${snapshot}.aside`
  const settings = { save: '3600 1', 'stop-writes-on-bgsave-error': 'yes' }
  await rename(snapshot, aside).catch(() => undefined)
  await mkdir(snapshot)
  const before = await changeSettings(admin, settings)
  const fault = controls.fault(async () => {
    await rmdir(snapshot).catch(() => undefined)
    await rename(aside, snapshot).catch(() => undefined)
    const client = await controls.admin()
    await changeSettings(client, before)
    await saveUntil(client, 'ok')
  })
  await saveUntil(admin, 'err')
  return fault
}
