import type { Redis } from 'ioredis'
import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'

export type Settings = Readonly<Record<string, string | number>>

/** What CONFIG GET says. */
export const readSetting = async (admin: Redis, name: string): Promise<string> => {
  const answer: unknown = await admin.config('GET', name)
  return Array.isArray(answer) ? String(answer[1]) : ''
}

/** Sets what CONFIG SET can. @returns what was set before */
export const changeSettings = async (admin: Redis, settings: Settings): Promise<Settings> => {
  const before: Record<string, string> = {}
  for (const name of Object.keys(settings)) before[name] = await readSetting(admin, name)
  for (const [name, value] of Object.entries(settings)) await admin.config('SET', name, value)
  return before
}

/** A fault that is no more than settings of the server. */
export const faultBySettings = async (controls: ServerControls, settings: Settings): Promise<ServerFault> => {
  const before = await changeSettings(await controls.admin(), settings)
  return controls.fault(async () => {
    await changeSettings(await controls.admin(), before)
  })
}
